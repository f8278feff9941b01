from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.duplicates import N_BANDS, Signature, Signatures, signature_of
from pipeline.ingest.duplicates import find_duplicates as find_among

DAY = datetime(2024, 3, 5, tzinfo=UTC)
WORDS = [chr(0x4E00 + n * 7) for n in range(2_000)]


def find_duplicates(signatures: Sequence[Signature]) -> dict[str, str]:
    """Reprint -> first article, among all of these."""
    return look_at(signatures, {}, range(len(signatures)))


def look_at(
    signatures: Sequence[Signature], known: dict[str, str], new: Sequence[int], gone: Sequence[int] = ()
) -> dict[str, str]:
    """The same, where it is known of all but the new ones, and some are gone."""
    bands = np.frombuffer(b"".join(s.bands for s in signatures), "<u4").reshape(-1, N_BANDS)
    columns = Signatures.of(signatures, known)
    found = find_among(bands, columns.take, np.array(new, np.int64), np.array(gone, np.int64))
    assert not found.keys() & set(gone)
    ids = [signature.article_id for signature in signatures]
    after: dict[str, str | None] = {**known, **{ids[n]: None if f is None else ids[f] for n, f in found.items()}}
    return {article: first for article, first in after.items() if first and article not in {ids[n] for n in gone}}


def story(seed: int, length: int = 600) -> str:
    rng = random.Random(seed)
    return "".join(rng.choices(WORDS, k=length))


def test_reprints_point_to_the_first_article_in_time() -> None:
    text = story(1)
    signatures = [
        signature_of("headline", f"另一个标题\n{text}", DAY + timedelta(days=1)),
        signature_of("first", text, DAY),
        signature_of("cut", text[:400], DAY + timedelta(days=2)),
        signature_of("line", f"{text[:300]}\n欢迎关注本市公众号了解更多资讯\n{text[300:]}", None),
        signature_of("marks", "，".join(text[n : n + 20] for n in range(0, 600, 20)), DAY),
        signature_of("other", story(2), DAY),
    ]
    assert find_duplicates(signatures) == dict.fromkeys(("headline", "cut", "line", "marks"), "first")


def test_a_brief_inside_a_digest_and_a_form_filled_anew_next_year_are_no_reprints() -> None:
    brief = story(1, 200)
    digest = brief + story(2, 900)
    form = story(3, 800)
    signatures = [
        signature_of("brief", brief, DAY),
        signature_of("digest", digest, DAY),
        signature_of("form", form + story(4, 100), DAY),
        signature_of("next", form + story(5, 100), DAY + timedelta(days=365)),
    ]
    assert find_duplicates(signatures) == {}
    near = [*signatures[:3], signature_of("next", form + story(5, 100), DAY + timedelta(days=3))]
    assert find_duplicates(near) == {"next": "form"}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(300, 600), st.integers(0, 3)), max_size=14), st.randoms())
def test_the_order_in_which_articles_come_makes_no_difference(
    made: list[tuple[int, int, int]], rng: random.Random
) -> None:
    signatures = [
        signature_of(f"{n:02}", story(seed)[:length], DAY + timedelta(days=day) if day else None)
        for n, (seed, length, day) in enumerate(made)
    ]
    found = find_duplicates(signatures)
    shuffled = list(signatures)
    rng.shuffle(shuffled)
    assert find_duplicates(shuffled) == found
    assert not set(found.values()) & found.keys()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(300, 600), st.integers(0, 3), st.booleans()), max_size=14),
    st.integers(0, 14),
)
def test_looking_at_what_came_and_went_alone_gives_what_looking_at_all_gives(
    made: list[tuple[int, int, int, bool]], n_old: int
) -> None:
    signatures = [
        signature_of(f"{n:02}", story(seed)[:length], DAY + timedelta(days=day) if day else None)
        for n, (seed, length, day, _) in enumerate(made)
    ]
    before = find_duplicates(signatures[:n_old])
    gone = [n for n, (*_, leaves) in enumerate(made[:n_old]) if leaves]
    stay = [signature for n, signature in enumerate(signatures) if n not in gone]
    assert look_at(signatures, before, range(min(n_old, len(made)), len(made)), gone) == find_duplicates(stay)


def test_a_form_that_hundreds_fill_in_gives_the_same_in_many_runs_as_in_one() -> None:
    rng = random.Random(7)
    form = story(1, 330)
    signatures = [
        signature_of(f"{n:03}", form + story(1000 + n, 70), DAY + timedelta(days=rng.randrange(5))) for n in range(200)
    ]
    known: dict[str, str] = {}
    for end in range(20, 201, 20):
        known = look_at(signatures[:end], known, range(end - 20, end))
    assert known == find_duplicates(signatures)
    assert 20 < len(known) < 199
    left = look_at(signatures, known, (), range(0, 200, 3))
    assert left == find_duplicates([signature for n, signature in enumerate(signatures) if n % 3])


@pytest.mark.parametrize("text", ["", "。", "湘潭", "湘潭市对标长沙"])
def test_the_shortest_texts_have_signatures(text: str) -> None:
    signature = signature_of("a", text)
    assert isinstance(signature, Signature)
    assert len(signature.minhash) == 512
    assert find_duplicates([signature]) == {}


def test_a_thousand_copies_are_one_article() -> None:
    text = story(1)
    signatures = [signature_of(f"{n:04}", text, DAY) for n in range(1_000)]
    assert find_duplicates(signatures) == {f"{n:04}": "0000" for n in range(1, 1_000)}


def test_on_judged_pairs_of_the_corpus_reprints_are_told_from_distinct_articles(shared: Path) -> None:
    import pyarrow.parquet as pq

    from pipeline.ingest.times import parse_time
    from tests.conftest import ROOT

    pairs = [json.loads(line) for line in (ROOT / "training/duplicate_pairs.jsonl").read_text().splitlines()]
    wanted = {name for pair in pairs for name in (pair["a"], pair["b"])}
    corpus = shared / "data/corpus/articles-30k.parquet"
    rows = pq.read_table(corpus, columns=["id", "published", "text"], filters=[("id", "in", wanted)]).to_pylist()
    signatures = {r["id"]: signature_of(r["id"], r["text"], parse_time(str(r["published"] or ""))) for r in rows}
    joined = {"reprint": 0, "distinct": 0}
    for pair in pairs:
        joined[pair["label"]] += bool(find_duplicates([signatures[pair["a"]], signatures[pair["b"]]]))
    n_distinct = sum(pair["label"] == "distinct" for pair in pairs)
    assert joined["distinct"] <= 0.015 * n_distinct
    assert joined["reprint"] >= 0.27 * (len(pairs) - n_distinct)
