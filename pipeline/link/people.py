"""Persons of an article: on whose side each stands, by the office written before the name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pipeline.link.document import Document
from pipeline.link.masked import BODY, OWN, PERSON, REGION, ZONE_MARK, Masked
from pipeline.records import Span
from pipeline.resolve import home_at_rank

_OFFICE: Final = re.compile(
    r"(?:书记|市长|县长|区长|省长|州长|旗长|盟长|镇长|乡长|主席|主任|局长|厅长|部长|处长|科长|秘书长|常委|委员|专员|"
    r"巡视员|调研员|行长|所长|院长|校长|馆长|台长|站长|组长|会长|队长|政委|检察长|领导|负责人|负责同志|干部|党组成员|成员|同志|代表|"
    r"党委|[ⓇⒼ]长|总工程师|总经理|董事长|参赞|司令员|厅级|处级|县级|科级)$"
)
_OF_RANK: Final = re.compile(r"(省|市|县|区|州|旗)(?:委|政府|人大|政协|领导|直)|副?(省|市|县|区|州|旗)长")
_TITLE_BEFORE: Final = re.compile(r"[^,，。；;：:！？\sⓅ]{0,40}$")
_RANKS: Final = "省市县区州旗"
_NOT_TITLE: Final = re.compile(
    r"^(?:受|由|在|经|与|和|、|及|以及|随后|期间|对|向|据|以|日|上午|下午|并|听取了?|会上|接受|感谢|[^一-鿿ⒼⓇⒽⓄⓏ])+"
)
_FIRM_OFFICE: Final = re.compile(r"^[ⒽⓇ我本]?(?:Ⓞ|[^、ⒼⓇⒽⓄ]{1,10}(?:协会|商会|学会|研究会))[^、ⒼⓇⒽ]{1,8}$")
_OFFICE_BEHIND: Final = re.compile(r"副?(?:书记|市长|县长|区长|省长|州长|主席|主任|局长|厅长|部长|秘书长)")
_LIST: Final = re.compile(r"^[、和与]$")


@dataclass(frozen=True, slots=True)
class Person:
    """A person: the region on whose side, None where the text does not tell, and the office as written where it is."""

    words: str
    region_code: str | None
    title: Span | None
    of_firm: bool = False
    """Whether the office is one of a body that acts for itself (协会副会长)."""


class People:
    """The persons of an article by their words; what is told of one first, or told more fully, holds."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._by_words: dict[str, Person] = {}

    def read(self, masked: Masked) -> None:
        """Takes note of the persons in a sentence."""
        previous: Person | None = None
        previous_at = -9
        for at, name in sorted(masked.names.items()):
            if name.symbol != PERSON:
                continue
            words = name.span.of(self._document.text)
            person = self._titled(masked, at, words)
            if person is None and previous and previous_at == at - 2 and _LIST.match(masked.words[at - 1]):
                person = Person(words, previous.region_code, None)
            known = self._by_words.get(words)
            if person and (known is None or (known.region_code is None and person.region_code)):
                self._by_words[words] = person
            previous, previous_at = person, at

    def known(self, words: str) -> Person:
        """What is known of the person; only the words where nothing is."""
        return self._by_words.get(words) or Person(words, None, None)

    def _titled(self, masked: Masked, at: int, words: str) -> Person | None:
        """The person at index `at` with the office written directly before the name, or None without one."""
        behind = _OFFICE_BEHIND.match(masked.words, at + 1)
        if behind and at and masked.words[at - 1] in "ⓇⒼⒽ":  # 市重点工程局某某局长
            return Person(words, self._region_in(masked, at - 1, at), masked.span(*behind.span()))
        before = _TITLE_BEFORE.search(masked.words[:at])
        title = before.group() if before else ""
        title = _NOT_TITLE.sub("", title)
        if not _OFFICE.search(title):
            return None
        begin = at - len(title)
        region = self._region_in(masked, begin, at)
        return Person(words, region, masked.span(begin, at), _FIRM_OFFICE.search(title) is not None)

    def _region_in(self, masked: Masked, begin: int, end: int) -> str | None:
        """The region that an office belongs to: the one named in it last, or the home at the rank said behind it
        (市政府副市长、县委书记); 吉林省委书记、省人大常委会主任 stays with 吉林省.
        """
        code: str | None = None
        for at, name in masked.names_between(begin, end):
            words = name.span.of(self._document.text)
            if name.symbol in (REGION, BODY, OWN, ZONE_MARK) and name.regions and name.regions[-1].code:
                same_rank = code is not None and words[0] in _RANKS and self._has_rank(code, words[0])
                code = code if same_rank else name.regions[-1].code
                begin = at + 1
        for match in _OF_RANK.finditer(masked.words, begin, end):
            rank = match.group(1) or match.group(2)
            if code is None or not self._has_rank(code, rank):
                code = home_at_rank(rank, self._document.home, self._document.gazetteer) or code
        return code

    def _has_rank(self, code: str, rank: str) -> bool:
        return self._document.gazetteer[code].name.endswith((rank, "自治区")[: 1 + (rank in "区省")])


def read_people(document: Document, sentences: Iterable[Masked]) -> People:
    """The persons of all sentences."""
    people = People(document)
    for masked in sentences:
        people.read(masked)
    return people
