from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.recognise.tags import TAG_IDS, TAGS, decode


def scores_of(tags: list[str]) -> np.ndarray:
    scores = np.zeros((len(tags), len(TAGS)), dtype=np.float32)
    scores[range(len(tags)), [TAG_IDS[tag] for tag in tags]] = 1
    return scores


def test_a_legal_sequence_is_read_as_it_stands() -> None:
    tags = ["O", "B-LOC", "E-LOC", "S-LOC", "O", "B-PER", "I-PER", "E-PER"]
    found = decode("在太原晋说王小明", scores_of(tags))
    assert found == [(1, 3, "LOC"), (3, 4, "LOC"), (5, 8, "PER")]


def test_no_name_runs_over_the_end_of_a_sentence() -> None:
    tags = ["B-LOC", "I-LOC", "E-LOC", "O"]
    assert all(not start < 2 <= end - 1 for start, end, *_ in decode("太原\n省。", scores_of([*tags, "O"])))


def test_a_run_of_one_character_is_no_name() -> None:
    tags = ["B-LOC", *["I-LOC"] * 98, "E-LOC"]
    assert decode("市" * 100, scores_of(tags)) == []


def test_no_text_has_no_names() -> None:
    assert decode("", np.zeros((0, len(TAGS)), dtype=np.float32)) == []


@given(st.integers(0, 2**32 - 1))
def test_an_illegal_sequence_becomes_the_best_legal_one(seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(3, len(TAGS))).astype(np.float32)
    found = decode("甲乙丙", scores)
    for (_, end, *_), (start, *_) in itertools.pairwise(found):
        assert end <= start
    best = max(
        sum(scores[at, tag] for at, tag in enumerate(path))
        for path in itertools.product(range(len(TAGS)), repeat=3)
        if legal([TAGS[tag] for tag in path])
    )
    path = [0, 0, 0]
    for start, end, label in found:
        names = ["S"] if end - start == 1 else ["B", *"I" * (end - start - 2), "E"]
        path[start:end] = [TAG_IDS[f"{name}-{label}"] for name in names]
    assert np.isclose(sum(scores[at, tag] for at, tag in enumerate(path)), best, atol=1e-4)


def legal(tags: list[str]) -> bool:
    opened = None
    for tag in tags:
        if (opened and (tag[0] not in "IE" or tag[2:] != opened)) or (not opened and tag[0] in "IE"):
            return False
        opened = tag[2:] if tag[0] in "BI" else None
    return opened is None
