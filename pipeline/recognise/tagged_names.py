"""Names by the tagger: what it marks in a text, the places that it takes together cut apart."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from pipeline.gazetteer import Gazetteer
from pipeline.recognise.adjacent import cut_places
from pipeline.recognise.tags import decode
from pipeline.records import Span

if TYPE_CHECKING:
    from spacy.language import Language

    from pipeline.recognise.tagger import EntityTagger

TAGGER_FOLDER: Final = Path(__file__).parent.parent / "resources" / "ner"
_LONGEST_PIECE: Final = 4000
"""Code points that are tagged at once: what the network holds of them stays below 20 MB."""
_ENDS: Final = ("\n", "。", "！", "？", "；", "!", "?", ";", "，", ",", "、", " ")


@dataclass(frozen=True, slots=True)
class TaggedName:
    """A name that the tagger marks: its span and its label (LOC, ORG, PER)."""

    span: Span
    label: str


def tag_names(text: str, gazetteer: Gazetteer) -> list[TaggedName]:
    """The places, organisations and persons that the tagger finds, in order, none overlapping another."""
    found = []
    tagger = tagger_of(load_tagger())
    for start, end in _pieces(text):
        piece = text[start:end]
        (scores,) = tagger.predict([load_tagger().make_doc(piece)])
        for first, last, label in decode(piece, scores):
            span = Span(start + first, start + last)
            parts = cut_places(span, text, gazetteer) if label == "LOC" else [span]
            found += [TaggedName(part, label) for part in parts]
    return found


@functools.cache
def load_tagger() -> Language:
    """The shipped spaCy pipeline, read once per process. A run with nothing new imports no spaCy."""
    import spacy

    from pipeline.recognise.tagger import DotOps

    nlp = spacy.load(TAGGER_FOLDER)
    operations = DotOps()
    for node in tagger_of(nlp).model.walk():
        node.ops = operations
    return nlp


def tagger_of(nlp: Language) -> EntityTagger:
    """The tagger of a pipeline."""
    return cast("EntityTagger", nlp.get_pipe("entity_tagger"))


@functools.cache
def tagger_hash() -> str:
    """SHA-256 over the files of the tagger, hexadecimal: its version in every fingerprint."""
    digest = hashlib.sha256()
    for path in sorted(path for path in TAGGER_FOLDER.rglob("*") if path.is_file() and path.suffix != ".md"):
        digest.update(path.relative_to(TAGGER_FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of bounded length, cut behind a line, sentence or clause."""
    start = 0
    while len(text) - start > _LONGEST_PIECE:
        limit = start + _LONGEST_PIECE
        ends = (text.rfind(mark, start + _LONGEST_PIECE // 2, limit) + 1 for mark in _ENDS)
        end = next((end for end in ends if end), limit)
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)
