"""Reprints: articles with the same letters, or nearly the same, and which of them is the first.

Two articles resemble one another by the runs of five characters that both hold. MinHash (rensa) estimates that from 128
numbers an article, so that the texts of earlier runs need not be read again; locality-sensitive hashing finds who is to
be compared: those that share a band, three of these numbers hashed to one. Of all articles only the bands need be at
hand, of those that share one the signatures. Which article is the first depends on the articles alone, not on the order
in which they came.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
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
    largest number where not known), numbers of shingles, MinHashes (articles x 128), and the id of the article that each is
    known to be a reprint of, or None.
    """

    article_ids: npt.NDArray[np.object_]
    times: _Numbers
    sizes: _Numbers
    minhashes: _Matrix
    duplicate_of: npt.NDArray[np.object_]

    @classmethod
    def of(cls, signatures: Iterable[Signature], duplicate_of: Mapping[str, str] | None = None) -> Signatures:
        """The columns of these signatures."""
        rows = list(signatures)
        known = duplicate_of or {}
        return cls(
            np.array([row.article_id for row in rows], dtype=object),
            np.array([_microseconds(row.published_at) for row in rows], dtype=np.int64),
            np.array([row.n_shingles for row in rows], dtype=np.int64),
            np.frombuffer(b"".join(row.minhash for row in rows), dtype="<u4").reshape(len(rows), _PERMUTATIONS),
            np.array([known.get(row.article_id) for row in rows], dtype=object),
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
            rows.column("duplicate_of").to_numpy(zero_copy_only=False),
        )

    def __len__(self) -> int:
        return len(self.article_ids)

    def take(self, numbers: _Numbers) -> Signatures:
        """Those of these numbers, in their order."""
        return Signatures(*(getattr(self, name)[numbers] for name in self.__slots__))

    def extended(self, other: Signatures) -> Signatures:
        """These and others behind them."""
        return Signatures(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__slots__))


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


def find_duplicates(bands: _Matrix, load: Load, new: _Numbers, gone: _Numbers) -> dict[int, int | None]:
    """Of each article whose first may be another than is known, by number, the first that it is a reprint of, or None.

    In order of publication, ties and unknown times by id, each article is a reprint of the earliest one that it resembles
    which is no reprint itself; where it resembles none, it is a first. So what an article is depends on earlier firsts
    alone: looked at are the new ones, those whose first is gone, and, wherever an article became a first or ceased to be
    one, the later ones that resemble it. `bands` has a row of 42 numbers for every article, the gone ones included.
    """
    near = _Near(bands, load, set(new.tolist()), set(gone.tolist()))
    near.look_at([*near.new, *near.gone])
    queue = [(near.order_of(number), number) for number in near.new]
    for number in near.gone:
        queue += [(near.order_of(other), other) for other in near.reprints_of(number)]
    heapq.heapify(queue)
    while queue:
        _, number = heapq.heappop(queue)
        if number in near.first_of:
            continue
        if not near.is_looked_at(number):
            near.look_at([number, *(other for _, other in queue)])
        was_first = near.is_first(number)
        near.decide(number)
        affected: list[int] = []
        if near.is_first(number) and not was_first:
            affected = near.later_that_resemble(number)
        elif was_first and not near.is_first(number):
            affected = near.reprints_of(number)
        for other in affected:
            heapq.heappush(queue, (near.order_of(other), other))
    return near.first_of


class _Near:
    """The articles that share a band with those that are looked at: their signatures, and who has which band."""

    def __init__(self, bands: _Matrix, load: Load, new: set[int], gone: set[int]) -> None:
        self.new, self.gone = new, gone
        self.first_of: dict[int, int | None] = {}
        self._bands, self._load = bands, load
        self._place: dict[int, int] = {}
        self._signatures = load(np.empty(0, np.int64))
        self._looked_at: set[int] = set()
        self._known_bands: set[int] = set()
        self._with_band: dict[int, list[int]] = defaultdict(list)
        """Committed articles by band."""
        self._firsts: dict[int, list[int]] = defaultdict(list)
        """Firsts by band, new ones too; some may have ceased to be firsts."""

    def look_at(self, numbers: Iterable[int]) -> None:
        """Finds who shares a band with these, and reads their signatures."""
        wanted = np.array(sorted(set(numbers) - self._looked_at), dtype=np.int64)
        if not len(wanted):
            return
        self._looked_at.update(wanted.tolist())
        places, rows = _with_band_of(self._bands, wanted)
        unread = np.array(sorted({*np.unique(rows).tolist(), *wanted.tolist()} - self._place.keys()), dtype=np.int64)
        self._place |= {number: len(self._place) + n for n, number in enumerate(unread.tolist())}
        self._signatures = self._signatures.extended(self._load(unread))
        committed = ~np.isin(rows, np.array(sorted(self.new | self.gone), dtype=np.int64))
        keys, rows = self._bands[rows, places][committed].tolist(), rows[committed].tolist()
        for key, number in zip(keys, rows, strict=True):
            if key not in self._known_bands:
                self._with_band[key].append(number)
                if self.is_first(number):
                    self._firsts[key].append(number)
        self._known_bands.update(self._bands[wanted].ravel().tolist())

    def is_looked_at(self, number: int) -> bool:
        """Whether all that share a band with it are known."""
        return number in self._looked_at

    def order_of(self, number: int) -> tuple[int, str]:
        """What articles are ordered by: time of publication, id."""
        place = self._place[number]
        return int(self._signatures.times[place]), str(self._signatures.article_ids[place])

    def is_first(self, number: int) -> bool:
        """Whether it is no reprint, as far as is known now; a new one that is not decided is no first."""
        if number in self.first_of:
            return self.first_of[number] is None
        return number not in self.new and self._signatures.duplicate_of[self._place[number]] is None

    def decide(self, number: int) -> None:
        """Finds the first of an article, where all earlier ones are decided."""
        keys = self._bands[number].tolist()
        order, was_first = self.order_of(number), self.is_first(number)
        firsts = {other for key in keys for other in self._firsts.get(key, ()) if self.is_first(other)}
        earlier = sorted(other for other in firsts if other != number and self.order_of(other) < order)
        self.first_of[number] = min(self._that_resemble(number, earlier), key=self.order_of, default=None)
        if self.first_of[number] is None and not was_first:
            for key in keys:
                self._firsts[key].append(number)

    def later_that_resemble(self, number: int) -> list[int]:
        """Later committed articles that resemble this one."""
        order = self.order_of(number)
        later = [other for other in self._sharing(number) if self.order_of(other) > order]
        return self._that_resemble(number, later)

    def reprints_of(self, number: int) -> list[int]:
        """Committed articles that are known as reprints of this one."""
        article_id = self._signatures.article_ids[self._place[number]]
        known = self._signatures.duplicate_of
        return [other for other in self._sharing(number) if known[self._place[other]] == article_id]

    def _sharing(self, number: int) -> list[int]:
        """Committed articles that share a band with this one."""
        found = {other for key in self._bands[number].tolist() for other in self._with_band.get(key, ())}
        return sorted(found - {number})

    def _that_resemble(self, number: int, others: list[int]) -> list[int]:
        """Those that are one text with this one, in two versions."""
        if not others:
            return []
        signatures, place = self._signatures, self._place[number]
        places = np.array([self._place[other] for other in others])
        shared = (signatures.minhashes[places] == signatures.minhashes[place]).mean(axis=1)  # Jaccard similarity
        sizes = signatures.sizes[places]
        common = shared * (sizes + signatures.sizes[place]) / (1 + shared)
        contained = np.minimum(common / np.maximum(np.minimum(sizes, signatures.sizes[place]), 1), 1.0)
        near = (shared >= SAME) | ((contained >= CONTAINED) & (shared >= OVERLAP))
        times, time = signatures.times[places], int(signatures.times[place])
        apart = (times != _UNKNOWN) & (time != _UNKNOWN) & (np.abs(times - time) > APART * _DAY)
        alike = np.where(apart, shared >= SAME_APART, near)
        return [other for other, is_alike in zip(others, alike.tolist(), strict=True) if is_alike]


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


def _microseconds(published_at: datetime | None) -> int:
    return (published_at - _EPOCH) // timedelta(microseconds=1) if published_at else _UNKNOWN
