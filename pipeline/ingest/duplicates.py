"""Reprints: articles with the same letters, or nearly the same, and which of them is the first.

Two articles resemble one another by the runs of five characters that both hold. MinHash (rensa) estimates that from 128
numbers an article, so that the texts of earlier runs need not be read again; locality-sensitive hashing finds who is to
be compared. Which article is the first depends on the articles alone, not on the order in which they came.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import rensa

_SHINGLE: Final = 5
_PERMUTATIONS: Final = 128
_SEED: Final = 20261128
_BAND: Final = 3
"""Numbers of a signature that two articles must share, in one place, to be compared: with 42 places, of pairs with half
of their shingles in common 0.996 are, with a third 0.80, with a tenth 0.04."""
_LARGE: Final = 64
"""Articles that share a band from which on each is compared with the first of them alone, not with every other."""
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

SAME: Final = 0.65
"""Estimated Jaccard similarity from which on two articles are one text in two versions."""
CONTAINED: Final = 0.94
"""Estimated share of the shorter article's shingles in the longer one from which on it is a cut of it ..."""
OVERLAP: Final = 0.4
"""... where the two are also this similar: a brief inside a digest of many is no reprint of the digest."""
APART: Final = 200
"""Days between two publications from which on only ..."""
SAME_APART: Final = 0.9
"""... this similarity makes them one text: budgets, notices and replies are written on last year's form. The five numbers
were chosen on 219 pairs that were judged by reading (`training/duplicate_pairs.jsonl`); `benchmarks/duplicates.py` scores
them."""

_Matrix = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells reprints of an article: the hash of its letters, the number of its shingles, their MinHash (128 numbers
    as little-endian bytes), and when it was published, for the first comes first.
    """

    article_id: str
    published_at: datetime | None
    exact: str
    n_shingles: int
    minhash: bytes


def signature_of(article_id: str, text: str, published_at: datetime | None = None) -> Signature:
    """The signature of a text, by its letters and digits alone: white space and punctuation do not tell reprints apart."""
    letters = _NOT_LETTERS.sub("", text).lower()
    shingles = {letters[i : i + _SHINGLE] for i in range(max(len(letters) - _SHINGLE + 1, 1))}
    minhash = rensa.RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    # Its order makes no difference, only how often a set was grown: sorted, the work is the same each time.
    minhash.update(sorted(shingles))
    return Signature(
        article_id=article_id,
        published_at=published_at,
        exact=hashlib.sha256(letters.encode()).hexdigest()[:32],
        n_shingles=len(shingles),
        minhash=np.array(minhash.digest(), dtype="<u4").tobytes(),
    )


def find_duplicates(signatures: Sequence[Signature]) -> dict[str, str]:
    """article_id of each reprint -> article_id of the first article that it is a reprint of.

    In order of publication, ties and unknown times by id, each article is a reprint of the earliest one that it
    resembles which is no reprint itself; where it resembles none, it is a first.
    """
    ordered = sorted(signatures, key=lambda s: (s.published_at or _NEVER, s.article_id))
    earlier: dict[int, list[int]] = {}
    for first, second in _alike(ordered):
        earlier.setdefault(second, []).append(first)
    first_of: dict[int, int] = {}
    for number in sorted(earlier):
        firsts = [other for other in earlier[number] if other not in first_of]
        if firsts:
            first_of[number] = min(firsts)
    return {ordered[number].article_id: ordered[first].article_id for number, first in first_of.items()}


def _alike(ordered: Sequence[Signature]) -> Iterator[tuple[int, int]]:
    """Pairs (earlier, later) of numbers of articles that are one text in two versions."""
    if len(ordered) < 2:
        return
    first_with: dict[str, int] = {}
    for number, signature in enumerate(ordered):
        first = first_with.setdefault(signature.exact, number)
        if first != number:
            yield first, number
    rows = _matrix(ordered)
    sizes = np.array([signature.n_shingles for signature in ordered], dtype=np.int64)
    days = np.array([_day(signature.published_at) for signature in ordered])
    candidates = _candidates(rows)
    for start in range(0, len(candidates), 1 << 15):
        pairs = candidates[start : start + (1 << 15)]
        shared, contained = _estimates(rows, sizes, pairs)
        apart = np.abs(days[pairs[:, 0]] - days[pairs[:, 1]]) > APART  # false where a day is not known
        near = (shared >= SAME) | ((contained >= CONTAINED) & (shared >= OVERLAP))
        alike = np.where(apart, shared >= SAME_APART, near)
        yield from map(tuple, pairs[alike].tolist())


def _day(published_at: datetime | None) -> float:
    return published_at.timestamp() / 86_400 if published_at else float("nan")


def _matrix(signatures: Sequence[Signature]) -> _Matrix:
    return np.frombuffer(b"".join(s.minhash for s in signatures), dtype="<u4").reshape(len(signatures), _PERMUTATIONS)


def _estimates(
    rows: _Matrix, sizes: npt.NDArray[np.int64], pairs: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    shared = (rows[pairs[:, 0]] == rows[pairs[:, 1]]).mean(axis=1)
    first, second = sizes[pairs[:, 0]], sizes[pairs[:, 1]]
    common = shared * (first + second) / (1 + shared)
    return shared, np.minimum(common / np.maximum(np.minimum(first, second), 1), 1.0)


def _candidates(rows: _Matrix) -> npt.NDArray[np.int64]:
    """Pairs (earlier, later) that share a band, each once."""
    n_rows = len(rows)
    found: list[npt.NDArray[np.int64]] = []
    for start in range(0, _PERMUTATIONS - _BAND + 1, _BAND):
        keys = _keys(rows[:, start : start + _BAND])
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.diff(keys[order], prepend=keys[order[0]] ^ np.uint64(1)))
        ends = np.append(starts[1:], n_rows)
        several = ends - starts > 1
        for begin, end in zip(starts[several], ends[several], strict=True):
            found.append(_pairs_of(order[begin:end]) * np.array([n_rows, 1]))
    if not found:
        return np.empty((0, 2), dtype=np.int64)
    codes = np.unique(np.concatenate(found).sum(axis=1))
    return np.stack(np.divmod(codes, n_rows), axis=1)


def _keys(band: _Matrix) -> npt.NDArray[np.uint64]:
    keys = np.zeros(len(band), dtype=np.uint64)
    for column in range(band.shape[1]):
        keys = (keys ^ band[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _pairs_of(members: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """All pairs of the members of a band; of a large one those with its first."""
    members = np.sort(members)
    if len(members) > _LARGE:
        return np.stack([np.full(len(members) - 1, members[0]), members[1:]], axis=1)
    first, second = np.triu_indices(len(members), k=1)
    return np.stack([members[first], members[second]], axis=1)
