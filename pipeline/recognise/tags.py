"""The tags of characters (O, and begin, inside, end or single of LOC, ORG, PER), and the names that they make."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import numpy.typing as npt

ENTITY_LABELS: Final = ("LOC", "ORG", "PER")
TAGS: Final = ("O", *(f"{place}-{label}" for label in ENTITY_LABELS for place in "BIES"))
TAG_IDS: Final = {tag: number for number, tag in enumerate(TAGS)}
_CLOSED: Final = np.array([tag[0] in "OES" for tag in TAGS])
_OPENING: Final = np.array([tag[0] in "OBS" for tag in TAGS])
_LEGAL: Final = np.array(
    [[b[0] in "OBS" if a[0] in "OES" else b[0] in "IE" and b[2:] == a[2:] for b in TAGS] for a in TAGS]
)
"""Whether tag `column` may follow tag `row`."""
LONGEST_NAME: Final = 64
"""Code points beyond which no name is one: a run of one character that was all tagged alike."""
_FORBIDDEN: Final = np.float32(-1e6)
_STOPS: Final = frozenset("。！？!?；;\n")
"""Characters that no name holds: they are O, and the parts between them are decoded by themselves."""

Scores = npt.NDArray[np.float32]


def decode(text: str, scores: Scores) -> list[tuple[int, int, str]]:
    """The names of the best legal sequence of tags: (start, end, label), none longer than 64 characters.

    A sequence is sought only where the best tag of each character by itself makes no legal one.
    """
    if not len(scores):
        return []
    stops = [at for at, character in enumerate(text) if character in _STOPS]
    path = scores.argmax(axis=1)
    path[stops] = 0
    edges = sorted({0, *stops, *(at + 1 for at in stops), len(text)})
    legal = np.empty(len(path), dtype=bool)
    legal[0] = True
    legal[1:] = _LEGAL[path[:-1], path[1:]]
    for start, end in itertools.pairwise(edges):
        part = path[start:end]
        if end - start == 1 and part[0] == 0:
            continue
        if not (_OPENING[part[0]] and _CLOSED[part[-1]] and legal[start + 1 : end].all()):
            path[start:end] = _best_path(scores[start:end])
    found = []
    begin = 0
    for at in np.nonzero(path)[0].tolist():
        tag = TAGS[path[at]]
        if tag[0] in "BS":
            begin = at
        if tag[0] in "ES" and at - begin < LONGEST_NAME:
            found.append((begin, at + 1, tag[2:]))
    return found


def _best_path(scores: Scores) -> npt.NDArray[np.int64]:
    """Viterbi over the legal sequences of tags of one part of a text."""
    steps = np.where(_LEGAL, np.float32(0), _FORBIDDEN)
    best = scores[0] + np.where(_OPENING, np.float32(0), _FORBIDDEN)
    back = np.zeros(scores.shape, dtype=np.int64)
    for at in range(1, len(scores)):
        grid = best[:, None] + steps
        back[at] = grid.argmax(axis=0)
        best = grid.max(axis=0) + scores[at]
    path = np.zeros(len(scores), dtype=np.int64)
    path[-1] = int((best + np.where(_CLOSED, np.float32(0), _FORBIDDEN)).argmax())
    for at in range(len(scores) - 1, 0, -1):
        path[at - 1] = back[at, path[at]]
    return path
