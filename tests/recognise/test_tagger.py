from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import spacy
from thinc.api import Config

from pipeline.gazetteer import Gazetteer
from pipeline.recognise.characters import FEATURES, character_features
from pipeline.recognise.tagged_names import TAGGER_FOLDER, _pieces, load_tagger, tag_names, tagger_hash
from pipeline.recognise.tagger import CharacterTokenizer, EntityTagger, character_embed
from training.make_examples import make_doc

ROOT = Path(__file__).parent.parent.parent


def test_each_character_has_its_features() -> None:
    features = character_features("赴山西省考察")
    assert features.shape == (6, len(FEATURES))
    name = features[:, FEATURES.index("name")]
    assert (name[1:4] > 0).all()
    assert (name[[0, 4, 5]] == 0).all()
    assert len(set(name[1:4].tolist())) == 3  # it begins, goes on, and ends
    assert features[0, FEATURES.index("cue")] > 0
    assert features[1, FEATURES.index("right_pair")] == features[2, FEATURES.index("left_pair")]


@pytest.mark.parametrize("text", ["", "晋", "\ud800", "𠮷野家来了", "a" * 3])
def test_any_text_has_features(text: str) -> None:
    assert character_features(text).shape == (len(text), len(FEATURES))


def test_a_long_text_is_tagged_piece_by_piece(gazetteer: Gazetteer) -> None:
    sentence = "湘潭市党政代表团赴长沙市考察学习。"
    text = sentence * 600
    names = [(n.span.start % len(sentence), n.span.of(text), n.label) for n in tag_names(text, gazetteer)]
    assert set(names) == {(0, "湘潭市", "LOC"), (9, "长沙市", "LOC")}
    assert len(names) == 1200


def test_the_pieces_of_a_text_make_it_up_and_end_behind_marks() -> None:
    text = "湘潭市党政代表团赴长沙市考察学习," * 600
    pieces = list(_pieces(text))
    assert "".join(text[start:end] for start, end in pieces) == text
    assert all(text[end - 1] == "," for _, end in pieces)
    assert max(end - start for start, end in pieces) <= 4000
    assert list(_pieces("啊" * 9000)) == [(0, 4000), (4000, 8000), (8000, 9000)]
    assert list(_pieces("")) == []


def test_the_shipped_tagger_is_small_and_is_what_the_configuration_describes() -> None:
    size = sum(path.stat().st_size for path in TAGGER_FOLDER.rglob("*") if path.is_file())
    assert size < 30_000_000
    assert len(tagger_hash()) == 64
    shipped = Config().from_disk(TAGGER_FOLDER / "config.cfg")
    written = Config().from_disk(ROOT / "configs" / "ner.cfg")
    assert shipped["components"] == written["components"]
    assert shipped["nlp"]["tokenizer"] == written["nlp"]["tokenizer"]
    assert load_tagger().pipe_names == ["entity_tagger"]


def test_a_tagger_learns_what_it_is_shown_and_nothing_from_what_is_missing() -> None:
    nlp = spacy.blank("zh")
    nlp.tokenizer = CharacterTokenizer(nlp.vocab)
    config = {
        "model": {
            "@architectures": "spacy.Tagger.v2",
            "nO": 13,
            "normalize": False,
            "tok2vec": {
                "@architectures": "spacy.Tok2Vec.v2",
                "embed": {
                    "@architectures": "biaogan.CharacterEmbed.v1",
                    "width": 16, "embed_width": 8, "rows": [200, 200], "pieces": 2, "columns": [0, 4],
                },
                "encode": {
                    "@architectures": "spacy.MaxoutWindowEncoder.v2",
                    "width": 16, "depth": 1, "window_size": 1, "maxout_pieces": 2,
                },
            },
        }
    }  # fmt: skip
    tagger = nlp.add_pipe("entity_tagger", config=config)
    assert isinstance(tagger, EntityTagger)
    text = "王小明赴太原。"
    entities: list[dict[str, object]] = [
        {"start": 0, "end": 3, "label": "PER"},
        {"start": 4, "end": 6, "label": "LOC"},
    ]
    whole = spacy.training.Example(nlp.make_doc(text), make_doc(nlp.tokenizer, text, entities, []))
    doubted = spacy.training.Example(nlp.make_doc(text), make_doc(nlp.tokenizer, text, entities, [(0, 7)]))
    optimizer = nlp.initialize(lambda: [whole])
    for _ in range(60):
        nlp.update([whole], sgd=optimizer, losses={})
    assert [(e.text, e.label_) for e in nlp(text).ents] == [("王小明", "PER"), ("太原", "LOC")]
    losses: dict[str, float] = {}
    nlp.update([doubted], sgd=optimizer, losses=losses)
    assert losses["entity_tagger"] == 0
    assert nlp.evaluate([whole])["ents_f"] == 1


def test_the_embedding_mixes_as_many_tables_as_it_is_told() -> None:
    model = character_embed(16, 8, [50, 60, 70], 2, [0, 1, 4])
    nlp = spacy.blank("zh")
    docs = [CharacterTokenizer(nlp.vocab)("赴山西省"), CharacterTokenizer(nlp.vocab)("")]
    model.initialize(X=docs[:1])
    first, second = model.predict(docs)
    assert first.shape == (4, 16)
    assert second.shape == (0, 16)
    assert np.isfinite(first).all()
