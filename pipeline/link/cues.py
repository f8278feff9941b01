"""The cues of links and what excludes them, compiled from the lexicons `cues`, `roles` and `exclusions`."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

from pipeline.resources import load_lexicon


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue of `lexicon/cues.toml`: its pattern is read over masked sentences."""

    name: str
    relation: str
    pattern: re.Pattern[str]
    strong: bool


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A rule of `lexicon/exclusions.toml`: words before, behind or within a cue's clause that make it no link."""

    name: str
    relations: tuple[str, ...]
    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None
    within: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    unless_before: re.Pattern[str] | None


CUE_WORDS: Final = re.compile(
    "考察|考查|学习|借鉴|观摩|参观|取经|对标|看齐|标杆|榜样|瞄准|追赶|赶超|经验|值得|学|复制|推广|吸收|汲取|走访|调研|走进|来到|抵达|学访|嫁接|移植"
)
"""A sentence without any of these holds no cue; it is passed over unread."""


@functools.cache
def load_cues() -> tuple[Cue, ...]:
    """The cues of the lexicon, in its order."""
    macros = _macros()
    return tuple(
        Cue(row["name"], row["relation"], re.compile(expand(row["pattern"], macros)), row.get("strong", False))
        for row in load_lexicon("cues")["cue"]
    )


@functools.cache
def macro(name: str) -> re.Pattern[str]:
    """One macro of the cues by itself."""
    return re.compile(_macros()[name])


def _macros() -> dict[str, str]:
    """The macros of the lexicon, each with the ones before it put in."""
    macros: dict[str, str] = {}
    for name, words in load_lexicon("cues")["macros"].items():
        macros[name] = expand(words, macros)
    return macros


def expand(pattern: str, macros: dict[str, str]) -> str:
    """The pattern with each {name} as the macro says; other braces stay ({0,3})."""
    return re.sub(r"\{([a-z_]+)\}", lambda match: macros[match.group(1)], pattern)


@functools.cache
def load_exclusions() -> tuple[Exclusion, ...]:
    """The exclusions of the lexicon, in its order."""
    return tuple(
        Exclusion(
            row["name"],
            tuple(row["relations"]),
            *(
                re.compile(row[key]) if key in row else None
                for key in ("before", "behind", "within", "unless", "unless_before")
            ),
        )
        for row in load_lexicon("exclusions")["exclusion"]
    )


@functools.cache
def words_pattern(lexicon: str, table: str, key: str) -> re.Pattern[str]:
    """A list of words of a lexicon as one pattern, the longest first."""
    words: list[str] = load_lexicon(lexicon)[table][key]
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


@functools.cache
def pattern_of(lexicon: str, table: str, key: str) -> re.Pattern[str]:
    """A pattern of a lexicon."""
    return re.compile(load_lexicon(lexicon)[table][key])
