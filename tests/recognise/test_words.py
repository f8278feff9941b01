from __future__ import annotations

import pytest

pytest.importorskip("spacy_pkuseg", reason="spacy-pkuseg is not installed (extra words)")

from pipeline.recognise.words import dictionary, segment


def test_the_names_of_the_gazetteer_are_words() -> None:
    assert segment("代表团赴锡林郭勒盟考察学习。") == ["代表团", "赴", "锡林郭勒盟", "考察", "学习", "。"]


def test_common_words_are_none_of_the_dictionary() -> None:
    words = set(dictionary())
    assert {"锡林郭勒盟", "张江高新区", "太原"} <= words
    assert not {"合作", "平安", "新区", "晋"} & words


def test_white_space_is_no_word() -> None:
    assert segment("太原 \n 晋中") == ["太原", "晋中"]
    assert segment("") == []
