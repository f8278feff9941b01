from __future__ import annotations

import re

import pytest

from pipeline.gazetteer import Gazetteer
from pipeline.recognise.gazetteer_matches import read_places
from pipeline.recognise.limits import mend_limits, repeated_names
from pipeline.recognise.tagged_names import TaggedName
from pipeline.records import Span

LABELS = {"L": "LOC", "O": "ORG", "P": "PER"}


def marked(words: str) -> tuple[str, list[TaggedName]]:
    """赴[晋江L]考察 -> the text, and its names as the tagger would give them."""
    text, names = "", []
    for part in re.split(r"(\[[^]]+\])", words):
        if part.startswith("["):
            names.append(TaggedName(Span(len(text), len(text) + len(part) - 3), LABELS[part[-2]]))
            text += part[1:-2]
        else:
            text += part
    return text, names


@pytest.mark.parametrize(
    ("tagged", "mended"),
    [
        ("新疆[阿克苏L]地区棉花丰收", "新疆[阿克苏地区L]棉花丰收"),
        ("[锡林郭勒盟草原O]返青", "[锡林郭勒盟L]草原返青"),
        ("[南阳L]市场广阔", "[南阳L]市场广阔"),
        ("考察[德清三县L]", "考察[德清L]三县"),
        ("[宜昌市委O]托他人评估", "[宜昌市L]委托他人评估"),
        ("两地[大同L]小异", "两地大同小异"),
        ("建设[新区L]", "建设新区"),
        ("[苏L][锡L][常L]地区", "[苏锡常L]地区"),
        ("[固原市L][原州区中心卫生院O]", "[固原市原州区中心卫生院O]"),
        ("[邯郸L][广平凯王科技有限公司O]", "[邯郸L][广平凯王科技有限公司O]"),
        ("[党中央国务院O]部署", "[党中央O][国务院O]部署"),
        ("[中共乐山市委乐山市人民政府O]印发", "[中共乐山市委O][乐山市人民政府O]印发"),
        ("[长沙市社区O]治理", "[长沙市L]社区治理"),
        ("[长沙市图书馆O]开馆", "[长沙市图书馆O]开馆"),
        ("[王小明P]说", "[王小明P]说"),
        ("作家[温泉L]朗诵", "作家[温泉P]朗诵"),
        ("劳动模范刘[长春L]来到", "劳动模范[刘长春P]来到"),
        ("民警[金平L]、[武强L]赶到", "民警[金平P]、[武强P]赶到"),
        ("村民[太原L]打工", "村民[太原L]打工"),
        ("与[鄂伦春自治旗O]联合", "与[鄂伦春自治旗L]联合"),
    ],
)
def test_limits_are_mended(tagged: str, mended: str, gazetteer: Gazetteer) -> None:
    text, names = marked(tagged)
    places, barred = read_places(text, gazetteer)
    assert (text, mend_limits(names, places, barred, text, gazetteer)) == marked(mended)


@pytest.mark.parametrize(
    ("tagged", "further"),
    [
        ("[塘约L]在前,[塘约L]在后,又说塘约", ["塘约"]),
        ("[李明P]来,[李明P]去,李明说", ["李明"]),
        ("[塘约L]在前,又说塘约", []),  # once is not enough
        ("[市社O]来,[市社O]去,全市社会", []),  # an organisation's words begin others
    ],
)
def test_what_is_marked_twice_is_a_name_wherever_it_stands(tagged: str, further: list[str]) -> None:
    text, names = marked(tagged)
    assert [name.span.of(text) for name in repeated_names(names, text)] == further
