"""Numbers as the articles write them, in Chinese words or digits."""

from __future__ import annotations

from typing import Final

_NUMBERS: Final = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2}


def number_of(words: str) -> int:
    """The number of 12, 两, 十二 or 二十."""
    if words.isdigit():
        return int(words)
    tens, ten, ones = words.rpartition("十")
    return (_NUMBERS.get(tens, 1) * 10 if ten else 0) + (_NUMBERS.get(ones, 0) if ones else 0)
