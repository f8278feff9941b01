"""The statistical tagger: a small convolutional network over characters, trained and loaded by spaCy.

The names registered here are what `configs/ner.cfg` is written with. A text is tokenised into its code points, so that
token offsets are text offsets; the network sees `character_features`; each character gets one of 13 tags (O, and begin,
inside, end or single of LOC, ORG and PER); the best legal sequence of tags makes the entities.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.pipeline.trainable_pipe import TrainablePipe
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import (
    HashEmbed,
    Maxout,
    Model,
    NumpyOps,
    chain,
    concatenate,
    list2ragged,
    ragged2list,
    with_array,
)

from pipeline.recognise.characters import character_features
from pipeline.recognise.tags import ENTITY_LABELS, TAG_IDS, TAGS, Scores, decode


class DotOps(NumpyOps):  # type: ignore[misc]  # thinc's stubs hold no types of its compiled classes
    """thinc's CPU operations with numpy's matrix product, which is two to three times as fast as the one it brings."""

    def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
        """The product of two matrices, either one transposed."""
        left, right = x.T if trans1 else x, y.T if trans2 else y
        if out is None:
            return left @ right
        np.dot(left, right, out=out)
        return out


@registry.tokenizers("biaogan.CharacterTokenizer.v1")
def make_character_tokenizer() -> Callable[[Language], CharacterTokenizer]:
    """The tokenizer that the training configuration names."""
    return lambda nlp: CharacterTokenizer(nlp.vocab)


class CharacterTokenizer:
    """One token a code point, white space included; it has no state to store."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """The document of the text."""
        doc = Doc(self.vocab, words=list(text), spaces=[False] * len(text))
        doc.user_data["text"] = text  # Doc.text would put it together from its tokens
        return doc

    def pipe(self, texts: Iterable[str], **_: object) -> Iterator[Doc]:
        """The documents of the texts, in order."""
        return map(self, texts)

    def to_bytes(self, **_: object) -> bytes:
        """Nothing: there is no state."""
        return b""

    def from_bytes(self, _bytes: bytes, **_: object) -> CharacterTokenizer:
        """The tokenizer as it is."""
        return self

    def to_disk(self, _path: object, **_: object) -> None:
        """Writes nothing."""

    def from_disk(self, _path: object, **_: object) -> CharacterTokenizer:
        """The tokenizer as it is."""
        return self


@registry.architectures("biaogan.CharacterEmbed.v1")
def character_embed(width: int, embed_width: int, rows: list[int], pieces: int, columns: list[int]) -> Model[Any, Any]:
    """Embeds the feature `columns` of each character in hashed tables of `rows` and mixes them into `width` numbers."""
    tables: list[Model[Any, Any]] = [
        HashEmbed(embed_width, n_rows, column=column, seed=number + 1, dropout=0.0)
        for number, (column, n_rows) in enumerate(zip(columns, rows, strict=True))
    ]
    model: Model[Any, Any] = chain(
        feature_extractor(),
        list2ragged(),
        with_array(concatenate(*tables)),
        with_array(Maxout(width, embed_width * len(columns), nP=pieces, dropout=0.0, normalize=True)),
        ragged2list(),
    )
    return model


def feature_extractor() -> Model[list[Doc], list[Any]]:
    """A layer from documents to their features: arrays of (characters, features)."""
    return Model("character_features", _features_forward)


def _features_forward(_model: Model[Any, Any], docs: list[Doc], is_train: bool) -> tuple[list[Any], Callable[..., Any]]:
    return [_features_of(doc, is_train) for doc in docs], lambda _gradient: []


def _features_of(doc: Doc, keep: bool) -> npt.NDArray[np.uint64]:
    """The features of a document; in training they are kept with it, for the next pass needs them again."""
    features: npt.NDArray[np.uint64] | None = doc.user_data.get("features")
    if features is None:
        features = character_features(_text_of(doc))
        if keep:
            doc.user_data["features"] = features
    return features


def _text_of(doc: Doc) -> str:
    text: str = doc.user_data.get("text") or doc.text
    return text


@Language.factory(
    "entity_tagger",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
)
def make_entity_tagger(nlp: Language, name: str, model: Model[list[Doc], list[Scores]]) -> EntityTagger:
    """The pipe that the training configuration names."""
    return EntityTagger(nlp.vocab, model, name)


class EntityTagger(TrainablePipe):  # type: ignore[misc]
    """Sets `doc.ents` from the tags that `model` gives to the characters; learns from the entities of documents.

    Characters whose entity is missing in the gold (`doc.set_ents(missing=...)`) teach nothing.
    """

    def __init__(self, vocab: Vocab, model: Model[list[Doc], list[Scores]], name: str = "entity_tagger") -> None:
        self.vocab = vocab
        self.model = model
        self.name = name
        self.cfg: dict[str, Any] = {}

    @property
    def labels(self) -> tuple[str, ...]:
        """LOC, ORG, PER."""
        return ENTITY_LABELS

    def initialize(self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None) -> None:
        """Sets the sizes of the network from a few examples."""
        sample = [example.x for example in itertools.islice(get_examples(), 10)]
        self.model.initialize(X=sample, Y=[np.zeros((len(doc), len(TAGS)), dtype=np.float32) for doc in sample])

    def predict(self, docs: Iterable[Doc]) -> list[Scores]:
        """The scores of the tags of each character, not normalised."""
        docs = list(docs)
        if not any(map(len, docs)):
            return [np.zeros((0, len(TAGS)), dtype=np.float32) for _ in docs]
        scores: list[Scores] = self.model.predict(docs)
        return scores

    def set_annotations(self, docs: Iterable[Doc], scores: list[Scores]) -> None:
        """Writes the entities that the scores make."""
        for doc, of_doc in zip(docs, scores, strict=True):
            entities = decode(_text_of(doc), of_doc)
            doc.set_ents([Span(doc, start, end, label) for start, end, label in entities])

    def get_loss(self, examples: Iterable[Example], scores: list[Scores]) -> tuple[float, list[Scores]]:
        """Cross entropy summed over the characters, and its gradient."""
        loss, gradients = 0.0, []
        for example, of_doc in zip(examples, scores, strict=True):
            gold = _gold_tags(example.reference)
            known = gold >= 0
            rows = np.nonzero(known)[0]
            loss -= float(np.log(of_doc[rows, gold[rows]] + 1e-9).sum())
            gradient = of_doc.copy()
            gradient[rows, gold[rows]] -= 1
            gradient[~known] = 0
            gradients.append(gradient)
        return loss, gradients

    def score(self, examples: Iterable[Example], **_: object) -> dict[str, Any]:
        """Precision, recall and F1 of exact spans with their labels."""
        scores: dict[str, Any] = get_ner_prf(examples)
        return scores


def _gold_tags(doc: Doc) -> npt.NDArray[np.int64]:
    """The number of the tag of each character, -1 where it is missing."""
    tags: npt.NDArray[np.int64] | None = doc.user_data.get("tags")
    if tags is None:
        tags = np.where(doc.to_array("ENT_IOB") == 0, -1, 0)
        for entity in doc.ents:
            start, end, label = entity.start, entity.end, entity.label_
            if label not in ENTITY_LABELS:
                tags[start:end] = -1
            elif end - start == 1:
                tags[start] = TAG_IDS[f"S-{label}"]
            else:
                tags[start:end] = TAG_IDS[f"I-{label}"]
                tags[start], tags[end - 1] = TAG_IDS[f"B-{label}"], TAG_IDS[f"E-{label}"]
        doc.user_data["tags"] = tags
    return tags
