from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.gazetteer import Gazetteer
from pipeline.recognise import find_mentions
from pipeline.records import Article
from pipeline.resolve import find_home, resolve_mentions
from tests.resolve.trap_cases import cases

MIN_RIGHT = 0.97
MIN_RIGHT_OF_ANOTHER_HAND = 0.86


def places_found(text: str, year: int, home: str | None, gazetteer: Gazetteer) -> dict[str, Any]:
    article = Article("trap", "trap", text, source_name=home, published_at=datetime(year, 6, 1, tzinfo=UTC))
    mentions = find_mentions(article, gazetteer)
    resolved = resolve_mentions(article, mentions, find_home(article, mentions, gazetteer), gazetteer)
    return {
        m.mention.text: m.region_code or m.resolution for m in resolved if m.mention.label == "LOC" and m.mention.outer
    }


def test_there_are_traps_enough_and_no_two_alike() -> None:
    texts = [(text, year, home) for _, text, year, home, _ in cases()]
    assert len(texts) >= 150
    assert len(set(texts)) == len(texts)


def test_nearly_all_traps_are_seen_through(gazetteer: Gazetteer) -> None:
    wrong = []
    for kind, text, year, home, places in cases():
        found = places_found(text, year, home, gazetteer)
        if found != places:
            wrong.append(f"{kind}: {text} {year} {home or ''} found {found}")
    right = 1 - len(wrong) / len(cases())
    assert right >= MIN_RIGHT, f"{right:.3f} right:\n" + "\n".join(wrong)


def test_no_code_is_written_where_nothing_decides(gazetteer: Gazetteer) -> None:
    ambiguous = [case for case in cases() if "ambiguous" in case[4].values()]
    assert len(ambiguous) >= 4
    for _, text, year, home, places in ambiguous:
        assert places_found(text, year, home, gazetteer) == places


@pytest.mark.parametrize("kind", sorted({case[0] for case in cases()}))
def test_most_traps_of_each_kind_are_seen_through(kind: str, gazetteer: Gazetteer) -> None:
    mine = [case for case in cases() if case[0] == kind]
    right = sum(places_found(text, year, home, gazetteer) == places for _, text, year, home, places in mine)
    assert right / len(mine) >= 0.9


def test_traps_of_another_hand(gazetteer: Gazetteer) -> None:
    right, wrong = 0, []
    for kind, text, year, home, places in cases("traps_of_another_hand.toml"):
        codes = places_found(text, year, home, gazetteer)
        found = {words: "foreign" if code.startswith("F-") else code for words, code in codes.items()}
        right += found == places
        if found != places:
            wrong.append(f"{kind}: {text} {year} {home or ''} found {found}")
    assert right / (right + len(wrong)) >= MIN_RIGHT_OF_ANOTHER_HAND, "\n".join(wrong)
