"""Reprints: articles with the same letters, or nearly the same, and which of them is the first.

Two articles resemble one another by the runs of five characters that both hold. MinHash (rensa) estimates that from 128
numbers an article, so that the texts of earlier runs need not be read again; locality-sensitive hashing finds who is to
be compared: those that share a band, three of these numbers hashed to one. Of all articles only the bands need be at
hand, of those that share one the signatures. Which article is the first depends on the articles alone, not on the order
in which they came.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
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
N_BANDS: Final = _PERMUTATIONS // _BAND
_LARGE: Final = 64
"""Articles that share a band from which on each is compared with the first of them alone, not with every other."""
_FILTER: Final = 1 << 20
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
    the bands of it (42 numbers, likewise), and when it was published, for the first comes first.
    """

    article_id: str
    published_at: datetime | None
    n_shingles: int
    minhash: bytes
    bands: bytes


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
        return cls(
            rows.column("article_id").to_numpy(zero_copy_only=False),
            times.to_numpy(zero_copy_only=False),
            rows.column("n_shingles").to_numpy(zero_copy_only=False).astype(np.int64),
            numbers_of(rows.column("minhash"), _PERMUTATIONS),
        )

    def __len__(self) -> int:
        return len(self.article_ids)

    def take(self, numbers: _Numbers) -> Signatures:
        """Those of these numbers, in their order."""
        columns = (self.article_ids, self.times, self.sizes, self.minhashes)
        return Signatures(*(column[numbers] for column in columns))  # type: ignore[arg-type]

    def in_order(self) -> _Numbers:
        """Their numbers in order of publication of their articles, unknown times last, ties by id."""
        return np.lexsort((self.article_ids.astype(str), self.times))


Load = Callable[[_Numbers], Signatures]
"""Gives the signatures of the articles of these numbers, in their order."""


def signature_of(article_id: str, text: str, published_at: datetime | None = None) -> Signature:
    """The signature of a text, by its letters and digits alone: white space and punctuation do not tell reprints apart, and
    texts with the same letters have the same.
    """
    letters = _NOT_LETTERS.sub("", text).lower()
    shingles = {letters[i : i + _SHINGLE] for i in range(max(len(letters) - _SHINGLE + 1, 1))}
    minhash = rensa.RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    minhash.update(list(shingles))
    numbers = np.array(minhash.digest(), dtype="<u4")
    return Signature(article_id, published_at, len(shingles), numbers.tobytes(), _bands_of(numbers).tobytes())


def numbers_of(column: pa.ChunkedArray[Any], width: int) -> _Matrix:
    """The numbers of 32 bits in a column of binary values of one width, rows x width."""
    parts: list[_Matrix] = []
    for chunk in column.chunks:
        values: Any = chunk.buffers()[1]
        if len(chunk):
            parts.append(np.frombuffer(values, "<u4", count=width * len(chunk), offset=4 * width * chunk.offset))
    return np.concatenate([np.empty(0, dtype="<u4"), *parts]).reshape(-1, width)


def find_duplicates(
    bands: _Matrix, load: Load, new: _Numbers, gone: _Numbers | None = None
) -> tuple[dict[str, str], _Numbers]:
    """(article_id of each reprint -> article_id of the first that it is a reprint of, numbers of the articles looked at).

    In order of publication, ties and unknown times by id, each article is a reprint of the earliest one that it resembles
    which is no reprint itself; where it resembles none, it is a first. Only the articles are looked at that the `new` and
    the `gone` ones are connected with, by resemblance over any number of steps: for the others nothing has changed. The
    gone are not among the firsts nor the reprints. `bands` has a row of 42 numbers for every article, by its number.
    """
    looked_at, earlier = _connected(bands, load, new if gone is None else np.union1d(new, gone))
    numbers = np.array(sorted(looked_at), dtype=np.int64)
    if gone is not None and len(gone):
        kept = np.setdiff1d(np.arange(len(bands)), gone)
        again, earlier = _connected(bands[kept], lambda few: load(kept[few]), np.flatnonzero(np.isin(kept, numbers)))
        numbers = kept[np.array(sorted(again), dtype=np.int64)]
        earlier = {int(kept[number]): {int(kept[n]) for n in others} for number, others in earlier.items()}
    signatures = load(numbers)
    place = {int(numbers[n]): k for k, n in enumerate(signatures.in_order().tolist())}
    first_of: dict[int, int] = {}
    for number in sorted(earlier, key=place.__getitem__):
        firsts = [other for other in earlier[number] if other not in first_of]
        if firsts:
            first_of[number] = min(firsts, key=place.__getitem__)
    name = dict(zip(numbers.tolist(), map(str, signatures.article_ids), strict=True))
    return {name[number]: name[first] for number, first in first_of.items()}, numbers


def _connected(bands: _Matrix, load: Load, seeds: _Numbers) -> tuple[set[int], dict[int, set[int]]]:
    """The numbers that are connected with the seeds, and of each that resembles earlier ones these."""
    earlier: dict[int, set[int]] = {}
    looked_at: set[int] = set()
    frontier = set(map(int, seeds))
    while frontier:
        looked_at |= frontier
        found: set[int] = set()
        for first, second in _alike(bands, load, np.array(sorted(frontier), dtype=np.int64)):
            earlier.setdefault(second, set()).add(first)
            found |= {first, second}
        frontier = found - looked_at
    return looked_at, earlier


def _alike(bands: _Matrix, load: Load, wanted: _Numbers) -> list[tuple[int, int]]:
    """Pairs (earlier, later) of numbers that are one text in two versions, at least one of each among the wanted."""
    found: list[tuple[int, int]] = []
    places, rows = _with_band_of(bands, wanted)
    shared = bands[rows, places]
    by_key = np.argsort(shared, kind="stable")
    shared, rows = shared[by_key], rows[by_key]
    lengths = np.diff(np.flatnonzero(np.concatenate([[True], shared[1:] != shared[:-1], [True]])))
    several = np.repeat(lengths > 1, lengths)
    lengths, rows = lengths[lengths > 1], rows[several]
    if not len(rows):
        return found
    numbers, rows = np.unique(rows, return_inverse=True)
    signatures = load(numbers)
    in_order = signatures.in_order()
    pairs = _pairs(np.argsort(in_order)[rows], lengths)
    is_wanted = np.isin(numbers[in_order], wanted)
    pairs = pairs[is_wanted[pairs[:, 0]] | is_wanted[pairs[:, 1]]]
    pairs = np.stack(np.divmod(np.unique(pairs[:, 0] * len(numbers) + pairs[:, 1]), len(numbers)), axis=1)
    signatures, numbers = signatures.take(in_order), numbers[in_order]
    for start in range(0, len(pairs), 1 << 15):
        part = pairs[start : start + (1 << 15)]
        found += map(tuple, numbers[part[_resemble(signatures, part)]].tolist())
    return found


def _resemble(signatures: Signatures, pairs: _Numbers) -> npt.NDArray[np.bool_]:
    """Whether the two of each pair (earlier, later) are one text in two versions."""
    shared = (signatures.minhashes[pairs[:, 0]] == signatures.minhashes[pairs[:, 1]]).mean(axis=1)  # Jaccard similarity
    sizes = signatures.sizes[pairs]
    common = shared * sizes.sum(axis=1) / (1 + shared)
    contained = np.minimum(common / np.maximum(sizes.min(axis=1), 1), 1.0)
    near = (shared >= SAME) | ((contained >= CONTAINED) & (shared >= OVERLAP))
    first, second = signatures.times[pairs[:, 0]], signatures.times[pairs[:, 1]]
    apart = (first != _UNKNOWN) & (second != _UNKNOWN) & (second - first > APART * _DAY)
    alike: npt.NDArray[np.bool_] = np.where(apart, shared >= SAME_APART, near)
    return alike


def _bands_of(minhash: _Matrix) -> _Matrix:
    """The bands of one MinHash; the same numbers in two places have two hashes."""
    parts = minhash[: N_BANDS * _BAND].reshape(N_BANDS, _BAND)
    keys = np.arange(1, N_BANDS + 1, dtype=np.uint64)
    for place in range(_BAND):
        keys = (keys ^ parts[:, place]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return (keys >> np.uint64(32)).astype("<u4")


def _with_band_of(bands: _Matrix, wanted: _Numbers) -> tuple[_Numbers, _Numbers]:
    """(place, article) of every band that a wanted article has."""
    if 4 * len(wanted) > len(bands):
        rows, places = np.indices(bands.shape).reshape(2, -1)
        return places, rows
    of_wanted = bands[wanted]
    mask = np.uint32(_FILTER - 1)
    passes = np.zeros(_FILTER, dtype=bool)
    passes[of_wanted & mask] = True
    rows, places = np.divmod(np.flatnonzero(passes.take(bands.ravel() & mask)), N_BANDS)
    known = np.isin(bands[rows, places], of_wanted)
    return places[known], rows[known]


def _pairs(members: _Numbers, lengths: _Numbers) -> _Numbers:
    """All pairs of the members of each band, of `lengths` members on end; of a large one those with its first."""
    starts = np.cumsum(lengths) - lengths
    pairs = [np.sort(members[starts[lengths == 2, None] + [0, 1]])]
    for start, length in zip(starts[lengths > 2], lengths[lengths > 2], strict=True):
        of_band = np.sort(members[start : start + length])
        if length > _LARGE:
            first, second = np.zeros(length - 1, np.int64), np.arange(1, length)
        else:
            first, second = _triangle(int(length))
        pairs.append(np.stack([of_band[first], of_band[second]], axis=1))
    return np.concatenate(pairs)


@functools.cache
def _triangle(length: int) -> tuple[_Numbers, _Numbers]:
    """Places (first, second) of all pairs of so many."""
    return np.triu_indices(length, k=1)


def _microseconds(published_at: datetime | None) -> int:
    return (published_at - _EPOCH) // timedelta(microseconds=1) if published_at else _UNKNOWN
