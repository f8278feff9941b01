from __future__ import annotations

import pytest

from pipeline.gazetteer import Gazetteer
from pipeline.recognise.adjacent import cut_places
from pipeline.records import Span


@pytest.mark.parametrize(
    "units",
    [
        ["福建", "晋江"],
        ["江西省", "吉安市", "青原区"],
        ["黄岩区", "屿头乡", "沙滩村"],
        ["青岛", "烟台", "威海"],
        ["德国", "汉堡"],
        ["粤", "桂"],
        ["港", "澳"],
        ["上海", "张江高新区"],
        ["成都市", "宽窄古街"],
        ["西藏自治区", "拉萨市"],
        # one name each
        ["京津冀"],
        ["粤港澳大湾区"],
        ["湖南湘江新区"],
        ["抚顺经济开发区"],
        ["潮州古城"],
        ["太原武宿国际机场"],
        ["黄岩智能模具小镇"],
        ["芜湖市科普馆"],
        ["合肥"],
        ["温泉"],
        ["晋"],
        [""],
    ],
)
def test_places_are_cut_into_their_units(units: list[str], gazetteer: Gazetteer) -> None:
    words = "".join(units)
    text = f"代表团到{words}考察"
    parts = cut_places(Span(4, 4 + len(words)), text, gazetteer)
    assert [part.of(text) for part in parts] == units
    assert parts[0].start == 4
    assert parts[-1].end == 4 + len(words)
