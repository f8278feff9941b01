"""What the tagger sees of each character: itself, its neighbours, and the names and cue words that cover it."""

from __future__ import annotations

import functools
from typing import Final

import ahocorasick
import numpy as np
import numpy.typing as npt

from pipeline.gazetteer import load_gazetteer
from pipeline.gazetteer.region import FORMER, LETTER, LEVELS
from pipeline.resources import load_lexicon

FEATURES: Final = ("character", "left_pair", "right_pair", "triple", "name", "name_edges", "cue")
"""The columns, in order. `name`: level of the longest gazetteer name that covers the character, and the place in it;
`name_edges`: the lengths of the longest names that begin and that end there; `cue`: class of the cue word, likewise."""

_SINGLE, _BEGIN, _INSIDE, _END = range(4)
_LONGEST_EDGE: Final = 7
_PLANES: Final = 1 << 21
"""More than the number of Unicode's code points, so that pairs of them are told apart."""


def character_features(text: str) -> npt.NDArray[np.uint64]:
    """The features of each code point of `text`: shape (len(text), len(FEATURES)); 0 is no feature."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    features = np.zeros((len(points), len(FEATURES)), dtype=np.uint64)
    if not len(points):
        return features
    before = np.concatenate(([0], points[:-1])).astype(np.uint64)
    behind = np.concatenate((points[1:], [0])).astype(np.uint64)
    features[:, 0] = points
    features[:, 1] = before * _PLANES + points
    features[:, 2] = points * _PLANES + behind
    features[:, 3] = (before * _PLANES + points) * _PLANES + behind
    names, begins, ends = _cover(text, _names())
    features[:, 4] = names
    features[:, 5] = begins * (_LONGEST_EDGE + 1) + ends
    features[:, 6] = _cover(text, _cues())[0]
    return features


def _cover(
    text: str, automaton: ahocorasick.Automaton
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Per character: class and place in the leftmost longest word, and the longest words that begin and end there."""
    classes = np.zeros(len(text), dtype=np.uint64)
    begins = np.zeros(len(text), dtype=np.uint64)
    ends = np.zeros(len(text), dtype=np.uint64)
    found = []
    for last, (length, kind) in automaton.iter(text):
        first, edge = last + 1 - length, min(length, _LONGEST_EDGE)
        found.append((first, -length, kind))
        if begins[first] < edge:
            begins[first] = edge
        if ends[last] < edge:
            ends[last] = edge
    free = 0
    for first, minus_length, kind in sorted(found):
        if first < free:
            continue
        free = first - minus_length
        if minus_length == -1:
            classes[first] = kind * 4 + _SINGLE
            continue
        classes[first:free] = kind * 4 + _INSIDE
        classes[first] = kind * 4 + _BEGIN
        classes[free - 1] = kind * 4 + _END
    return classes, begins, ends


@functools.cache
def _names() -> ahocorasick.Automaton:
    """Every name of the gazetteer with its class: the highest level that it names, and whether only formerly."""
    gazetteer = load_gazetteer()
    automaton = ahocorasick.Automaton()
    for words, names in gazetteer.names.items():
        level, former, letter = min(
            (LEVELS.index(gazetteer[name.region_code].level), name.name_type == FORMER, name.name_type == LETTER)
            for name in names
        )
        automaton.add_word(words, (len(words), 1 + (level * 2 + former) * 2 + letter))
    automaton.make_automaton()
    return automaton


@functools.cache
def _cues() -> ahocorasick.Automaton:
    """The words that begin, end or introduce names, with their classes."""
    automaton = ahocorasick.Automaton()
    for kind, words in enumerate(load_lexicon("tagger")["cues"].values(), start=1):
        for word in words:
            automaton.add_word(word, (len(word), kind))
    automaton.make_automaton()
    return automaton
