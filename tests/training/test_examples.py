from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from pipeline.recognise.tagger import CharacterTokenizer
from training import compile_idioms, make_examples, train_segmenter


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["make_examples.py", *map(str, arguments)])
    return make_examples.main()


@pytest.fixture
def annotated(tmp_path: Path) -> Path:
    for folder in ("text", "gold"):
        (tmp_path / "read" / folder).mkdir(parents=True)
    (tmp_path / "read" / "text" / "a.txt").write_text("王小明赴太原。", encoding="utf-8")
    entities = [{"start": 0, "end": 3, "label": "PER"}, {"start": 4, "end": 6, "label": "LOC"}]
    (tmp_path / "read" / "gold" / "a.json").write_text(json.dumps({"entities": entities}), encoding="utf-8")
    return tmp_path / "read"


def test_annotated_and_labelled_articles_become_examples(
    annotated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {
        "id": "b",
        "text": "晋中市对标晋江。",
        "entities": [{"start": 0, "end": 3, "label": "LOC"}, {"start": 5, "end": 7, "label": "LOC"}],
        "doubtful": [[4, 6]],
    }
    (tmp_path / "labelled.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    out = tmp_path / "out.spacy"
    labelled = tmp_path / "labelled.jsonl"
    assert run(monkeypatch, out, "--gold", annotated, "--repeat", 2, "--labelled", labelled) == 0
    docs = list(DocBin().from_disk(out).get_docs(spacy.blank("zh").vocab))
    assert [[(e.text, e.label_) for e in doc.ents] for doc in docs[:2]] == [[("王小明", "PER"), ("太原", "LOC")]] * 2
    assert [(e.text, e.label_) for e in docs[2].ents] == [("晋中市", "LOC")]
    missing = [token.i for token in docs[2] if token.ent_iob == 0]
    assert missing == [4, 5, 6]  # the doubtful stretch, and the whole of the name that it touches


def test_an_input_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path / "out.spacy", "--gold", tmp_path / "nowhere") == 2
    assert "nowhere: no such file or folder" in capsys.readouterr().err
    assert not (tmp_path / "out.spacy").exists()


def test_an_example_has_a_token_for_each_character() -> None:
    tokenizer = CharacterTokenizer(spacy.blank("zh").vocab)
    doc = make_examples.make_doc(tokenizer, "太 原\n市", [{"start": 0, "end": 3, "label": "LOC"}], [])
    assert [token.text for token in doc] == ["太", " ", "原", "\n", "市"]
    assert doc.ents[0].text == "太 原"


def test_names_of_persons_are_one_word_for_the_segmenter(tmp_path: Path) -> None:
    corpus = tmp_path / "pfr.txt"
    corpus.write_text("王/nr  小明/nr  １９９８年/t  赴/v  太原/ns  。/w\n\n", encoding="utf-8")
    assert train_segmenter.read_words(corpus) == [["王小明", "1998年", "赴", "太原", "。"]]


def test_the_shipped_idioms_are_what_the_dictionary_gives() -> None:
    pytest.importorskip("jieba", reason="jieba is not installed (extra bench)")
    from pipeline.resources import load_lexicon

    assert compile_idioms.idioms() == load_lexicon("idioms")["idioms"]
