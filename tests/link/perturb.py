"""The first article with its prefectures replaced by others, drawn at random, and its links changed alike."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

from pipeline.extraction import extract_article
from pipeline.gazetteer import Gazetteer
from pipeline.gazetteer.region import PREFECTURE, Region
from pipeline.records import Article

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Perturbed:
    article: Article
    pairs: frozenset[Pair]
    """(learner name, model name)"""


def perturb(article: Article, pairs: set[Pair], gazetteer: Gazetteer, seed: int, *, locate: bool) -> Perturbed:
    """Replaces each prefecture that the pairs name, in its full and short form. Where `locate`, the name of a province
    written directly before a replaced name gives way to the province of the new one (陕西西安 -> 广东佛山).
    """
    prefectures = [r for r in gazetteer.regions.values() if r.level == PREFECTURE and r.in_force]
    by_name = {region.name: region for region in prefectures}
    old = [by_name[name] for name in sorted({name for pair in pairs for name in pair}) if name in by_name]
    unused = [region for region in prefectures if region.short_name not in article.text]
    new = dict(zip((region.name for region in old), random.Random(seed).sample(unused, len(old)), strict=True))
    forms = {form: new[region.name] for region in old for form in (region.name, region.short_name)}
    provinces = "|".join(f"{gazetteer[r.province_code].short_name}省?" for r in old if r.province_code)
    pattern = re.compile(f"({provinces})?({'|'.join(sorted(forms, key=len, reverse=True))})")

    def swap(match: re.Match[str]) -> str:
        region, words = forms[match.group(2)], match.group(2)
        return _before(match.group(1), region, gazetteer, locate) + (region.name if words in new else region.short_name)

    changed = frozenset(tuple(new[name].name if name in new else name for name in pair) for pair in pairs)
    return Perturbed(replace(article, text=pattern.sub(swap, article.text)), changed)  # type: ignore[arg-type]


def _before(province: str | None, region: Region, gazetteer: Gazetteer, locate: bool) -> str:
    if not province or not locate or not region.province_code:
        return province or ""
    located = gazetteer[region.province_code]
    return located.name if province.endswith("省") else located.short_name


def found_pairs(article: Article, gazetteer: Gazetteer) -> frozenset[Pair]:
    return frozenset((link.learner.name, link.model.name) for link in extract_article(article, gazetteer).links)


def f1(found: frozenset[Pair], expected: frozenset[Pair]) -> float:
    return 2 * len(found & expected) / max(1, len(found) + len(expected))
