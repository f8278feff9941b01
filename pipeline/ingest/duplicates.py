"""Reprints: articles with the same letters, or nearly the same, and which of them is the first.

Two articles resemble one another by the runs of five characters that both hold. MinHash (rensa) estimates that from 128
numbers an article, so that the texts of earlier runs need not be read again; locality-sensitive hashing finds who is to
be compared. Which article is the first depends on the articles alone, not on the order in which they came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import rensa

_SHINGLE: Final = 5
_PERMUTATIONS: Final = 128
_SEED: Final = 20261128
_BAND: Final = 3
"""Numbers of a signature that two articles must share, in one place, to be compared: with 42 places, of pairs with half
of their shingles in common 0.996 are, with a third 0.80, with a tenth 0.04."""
_LARGE: Final = 64
"""Articles that share a band from which on each is compared with the first of them alone, not with every other."""
_FILTER: Final = 1 << 16
"""Places of the filter through which the bands of all articles go before they are compared with those of new ones."""
_NOT_LETTERS: Final = re.compile(r"[\W_]+")

SAME: Final = 0.7
"""Estimated Jaccard similarity from which on two articles are one text in two versions."""
CONTAINED: Final = 0.94
"""Estimated share of the shorter article's shingles in the longer one from which on it is a cut of it ..."""
OVERLAP: Final = 0.4
"""... where the two are also this similar: a brief inside a digest of many is no reprint of the digest."""
APART: Final = 200
"""Days between two publications from which on only ..."""
SAME_APART: Final = 0.9
"""... this similarity makes them one text: budgets, notices and replies are written on last year's form. The five numbers
were chosen on pairs judged by reading (`training/duplicate_pairs.jsonl`); `benchmarks/duplicates.py` scores them."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400_000_000
_UNKNOWN: Final = int(np.iinfo(np.int64).max)
_Matrix = npt.NDArray[np.uint32]
_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells reprints of an article: the number of its shingles, their MinHash (128 numbers as little-endian bytes),
    and when it was published, for the first comes first.
    """

    article_id: str
    published_at: datetime | None
    n_shingles: int
    minhash: bytes


@dataclass(frozen=True, slots=True)
class Signatures:
    """Signatures of many articles in columns, each of one length: ids, times of publication (microseconds since 1970, the
    largest number where not known), numbers of shingles, MinHashes (articles x 128).
    """

    article_ids: npt.NDArray[np.object_]
    times: _Numbers
    sizes: _Numbers
    minhashes: _Matrix

    @classmethod
    def of(cls, signatures: Iterable[Signature]) -> Signatures:
        """The columns of these signatures."""
        rows = list(signatures)
        return cls(
            np.array([row.article_id for row in rows], dtype=object),
            np.array([_microseconds(row.published_at) for row in rows], dtype=np.int64),
            np.array([row.n_shingles for row in rows], dtype=np.int64),
            np.frombuffer(b"".join(row.minhash for row in rows), dtype="<u4").reshape(len(rows), _PERMUTATIONS),
        )

    @classmethod
    def of_table(cls, rows: pa.Table) -> Signatures:
        """The columns of rows of the table `signatures`."""
        times: Any = pc.fill_null(rows.column("published_at").cast(pa.int64()), pa.scalar(_UNKNOWN, pa.int64()))
        minhashes: list[Any] = rows.column("minhash").to_pylist()
        return cls(
            rows.column("article_id").to_numpy(zero_copy_only=False),
            times.to_numpy(zero_copy_only=False),
            rows.column("n_shingles").to_numpy(zero_copy_only=False).astype(np.int64),
            np.frombuffer(b"".join(minhashes), dtype="<u4").reshape(-1, _PERMUTATIONS),
        )

    def __len__(self) -> int:
        return len(self.article_ids)

    def in_order(self, numbers: _Numbers) -> _Numbers:
        """These numbers in order of publication of their articles, unknown times last, ties by id."""
        return numbers[np.lexsort((self.article_ids[numbers].astype(str), self.times[numbers]))]


def signature_of(article_id: str, text: str, published_at: datetime | None = None) -> Signature:
    """The signature of a text, by its letters and digits alone: white space and punctuation do not tell reprints apart, and
    texts with the same letters have the same.
    """
    letters = _NOT_LETTERS.sub("", text).lower()
    shingles = {letters[i : i + _SHINGLE] for i in range(max(len(letters) - _SHINGLE + 1, 1))}
    minhash = rensa.RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    minhash.update(list(shingles))
    return Signature(
        article_id=article_id,
        published_at=published_at,
        n_shingles=len(shingles),
        minhash=np.array(minhash.digest(), dtype="<u4").tobytes(),
    )


def find_duplicates(
    signatures: Signatures, new: npt.NDArray[np.bool_] | None = None
) -> tuple[dict[str, str], frozenset[str]]:
    """(article_id of each reprint -> article_id of the first that it is a reprint of, the articles that were looked at).

    In order of publication, ties and unknown times by id, each article is a reprint of the earliest one that it resembles
    which is no reprint itself; where it resembles none, it is a first. With `new`, only the articles that these are
    connected with, by resemblance over any number of steps, are looked at: for the others nothing has changed.
    """
    if not len(signatures):
        return {}, frozenset()
    earlier: dict[int, set[int]] = {}
    looked_at: set[int] = set()
    keys = _band_keys(signatures.minhashes)
    frontier = set(range(len(signatures)) if new is None else map(int, np.flatnonzero(new)))
    while frontier:
        looked_at |= frontier
        found: set[int] = set()
        for first, second in _alike(signatures, keys, np.array(sorted(frontier), dtype=np.int64)):
            earlier.setdefault(second, set()).add(first)
            found |= {first, second}
        frontier = found - looked_at
    place = {n: k for k, n in enumerate(signatures.in_order(np.array(sorted(looked_at), dtype=np.int64)).tolist())}
    first_of: dict[int, int] = {}
    for number in sorted(earlier, key=place.__getitem__):
        firsts = [other for other in earlier[number] if other not in first_of]
        if firsts:
            first_of[number] = min(firsts, key=place.__getitem__)
    ids = signatures.article_ids
    return (
        {str(ids[number]): str(ids[first]) for number, first in first_of.items()},
        frozenset(str(ids[number]) for number in looked_at),
    )


def _alike(signatures: Signatures, keys: npt.NDArray[np.uint64], wanted: _Numbers) -> Iterator[tuple[int, int]]:
    """Pairs (earlier, later) of numbers that are one text in two versions, at least one of each among the wanted."""
    candidates = _candidates(signatures, keys, wanted)
    for start in range(0, len(candidates), 1 << 15):
        pairs = candidates[start : start + (1 << 15)]
        shared, contained = _estimates(signatures, pairs)
        first, second = signatures.times[pairs[:, 0]], signatures.times[pairs[:, 1]]
        apart = (first != _UNKNOWN) & (second != _UNKNOWN) & (second - first > APART * _DAY)  # the earlier one is first
        near = (shared >= SAME) | ((contained >= CONTAINED) & (shared >= OVERLAP))
        yield from map(tuple, pairs[np.where(apart, shared >= SAME_APART, near)].tolist())


def _estimates(signatures: Signatures, pairs: _Numbers) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Of each pair, estimated: the Jaccard similarity, and the share of the shorter one's shingles in the longer."""
    shared = (signatures.minhashes[pairs[:, 0]] == signatures.minhashes[pairs[:, 1]]).mean(axis=1)
    first, second = signatures.sizes[pairs[:, 0]], signatures.sizes[pairs[:, 1]]
    common = shared * (first + second) / (1 + shared)
    return shared, np.minimum(common / np.maximum(np.minimum(first, second), 1), 1.0)


def _band_keys(minhashes: _Matrix) -> npt.NDArray[np.uint64]:
    """A hash of each band (bands x articles); the same numbers in two bands have two hashes."""
    n_bands = _PERMUTATIONS // _BAND
    columns = np.ascontiguousarray(minhashes[:, : n_bands * _BAND].T).reshape(n_bands, _BAND, -1)
    keys = np.repeat(np.arange(1, n_bands + 1, dtype=np.uint64)[:, None], columns.shape[2], axis=1)
    for place in range(_BAND):
        keys = (keys ^ columns[:, place]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _candidates(signatures: Signatures, keys: npt.NDArray[np.uint64], wanted: _Numbers) -> _Numbers:
    """Pairs (earlier, later) that share a band, at least one of each among the wanted, each once."""
    band, row = _with_band_of(keys, wanted)
    shared = keys[band, row]
    by_key = np.argsort(shared, kind="stable")
    shared, row = shared[by_key], row[by_key]
    starts = (
        np.flatnonzero(np.diff(shared, prepend=shared[:1] ^ np.uint64(1))) if len(shared) else np.empty(0, np.int64)
    )
    ends = np.append(starts[1:], len(shared))
    several = ends - starts > 1
    if not several.any():
        return np.empty((0, 2), dtype=np.int64)
    in_order = signatures.in_order(np.unique(row))
    place = np.empty(keys.shape[1], dtype=np.int64)
    place[in_order] = np.arange(len(in_order))
    row = place[row]
    pairs = np.concatenate(
        [_pairs_of(row[begin:end]) for begin, end in zip(starts[several], ends[several], strict=True)]
    )
    is_wanted = np.zeros(keys.shape[1], dtype=bool)
    is_wanted[wanted] = True
    is_wanted = is_wanted[in_order]
    pairs = pairs[is_wanted[pairs[:, 0]] | is_wanted[pairs[:, 1]]]
    codes = np.unique(pairs[:, 0] * len(in_order) + pairs[:, 1])
    pairs_in_order: _Numbers = in_order[np.stack(np.divmod(codes, len(in_order)), axis=1)]
    return pairs_in_order


def _with_band_of(keys: npt.NDArray[np.uint64], wanted: _Numbers) -> tuple[_Numbers, _Numbers]:
    """(band, article) of every band that a wanted article has."""
    if 4 * len(wanted) > keys.shape[1]:
        band, row = np.indices(keys.shape).reshape(2, -1)
        return band, row
    of_wanted = keys[:, wanted]
    mask = np.uint64(_FILTER - 1)
    passes = np.zeros(_FILTER, dtype=bool)
    passes[of_wanted & mask] = True
    band, row = np.nonzero(passes[keys & mask])
    known = np.isin(keys[band, row], of_wanted)
    return band[known], row[known]


def _pairs_of(members: _Numbers) -> _Numbers:
    """All pairs of the members of a band; of a large one those with its first."""
    members = np.sort(members)
    if len(members) > _LARGE:
        return np.stack([np.full(len(members) - 1, members[0]), members[1:]], axis=1)
    if len(members) == 2:
        return members[None, :]
    first, second = np.triu_indices(len(members), k=1)
    return np.stack([members[first], members[second]], axis=1)


def _microseconds(published_at: datetime | None) -> int:
    return (published_at - _EPOCH) // timedelta(microseconds=1) if published_at else _UNKNOWN
