"""How right the links are: figures against a folder of annotated articles, and floors that they may not fall under.

In: a gold folder (`gold/<id>.json` beside `articles.jsonl` or `text/`). Out: a Figures record; its errors, one a line.
A predicted link is right where learner and model agree: divisions by code, zones and localities by their prefecture,
composites and foreign places where one name holds the other. Courtesy links are neither right nor wrong.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pipeline.extraction import extract_article
from pipeline.gazetteer import Gazetteer, load_gazetteer
from pipeline.ingest import find_inputs, read_articles
from pipeline.records import RELATIONS, Article, Extraction, Link

COURTESY: Final = "courtesy"
FLOORED: Final = ("f1", "precision", "recall", "relation", "evidence", "home", "silent", "leader", "host", "date")
"""The figures that can have a floor; `silent` is the share of articles without a link that get none."""

Gold = dict[str, Any]


class GoldError(ValueError):
    """A gold folder or floors file that cannot be used, with the reason for people."""


@dataclass(slots=True)
class Figures:
    """Counts of one evaluation. Each share is (right, all)."""

    articles: int = 0
    hits: int = 0
    wrong: int = 0
    missed: int = 0
    shares: dict[str, tuple[int, int]] = field(default_factory=dict)
    by_kind: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_relation: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def count(self, name: str, right: bool) -> None:
        """Counts one case of a share."""
        done, of = self.shares.get(name, (0, 0))
        self.shares[name] = (done + right, of + 1)

    def value(self, name: str) -> float | None:
        """A figure by its name, between 0 and 1; None where the gold has no case of it."""
        if name == "precision":
            return _ratio(self.hits, self.hits + self.wrong)
        if name == "recall":
            return _ratio(self.hits, self.hits + self.missed)
        if name == "f1":
            return _ratio(2 * self.hits, 2 * self.hits + self.wrong + self.missed)
        return _ratio(*self.shares.get(name, (0, 0)))


def evaluate(
    gold: Path,
    progress: Callable[[str], None] = lambda _: None,
    *,
    read: Callable[[Article, Gazetteer], Extraction] = extract_article,
    keep: Callable[[str], bool] = lambda _: True,
) -> Figures:
    """The figures of the links of this version on a gold folder. Raises GoldError.

    `read` makes the links of an article, those of this version unless another way is to be measured; `keep` says by its
    id whether an article counts.
    """
    annotated = {key: row for key, row in read_gold(gold).items() if keep(key)}
    gazetteer = load_gazetteer()
    figures = Figures()
    found: dict[str, Extraction] = {}
    for item in read_articles(find_inputs([str(_articles_of(gold))])):
        if isinstance(item, Article) and item.source_id in annotated:
            found[item.source_id] = read(item, gazetteer)
            if len(found) % 50 == 0:
                progress(f"{len(found)} of {len(annotated)} articles")
    missing = sorted(annotated.keys() - found.keys())
    if missing:
        raise GoldError(f"{gold}: {len(missing)} annotated articles cannot be read, {missing[0]} the first of them")
    for source_id, article in sorted(annotated.items()):
        _count_article(figures, source_id, article, found.get(source_id))
    return figures


def read_gold(gold: Path) -> dict[str, Gold]:
    """The annotations of a gold folder by article id. Raises GoldError."""
    paths = sorted((gold / "gold").glob("*.json"))
    if not paths:
        raise GoldError(f"{gold}: no annotation; a gold folder holds gold/<id>.json beside articles.jsonl or text/")
    read: dict[str, Gold] = {}
    for path in paths:
        try:
            read[path.stem] = json.loads(path.read_text(encoding="utf-8"))
            _check(read[path.stem])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise GoldError(f"{path}: not an annotation: {error!r}") from None
    return read


def _check(gold: Gold) -> None:
    """Raises KeyError, TypeError or AttributeError where a field that is scored is missing or of another type."""
    _ = (gold.get("home") or {}).get("adcode")
    for link in gold["links"]:
        model, code, name = link["model"], link["model"].get("adcode"), link["model"].get("name")
        if model["kind"] in ("composite", "foreign") and not name:
            raise KeyError("name")
        people, when = link.get("people") or {}, link.get("date") or link
        persons = [(people.get(role) or {}).get("name") for role in ("leader", "host")]
        words = (link["learner"]["adcode"], model["kind"], link["relation"], link["evidence"], *link.get("flags", []))
        optional = (code, name, when.get("visited"), *persons)
        for value in (*words, *(value for value in optional if value is not None)):
            if not isinstance(value, str):
                raise TypeError(f"{value!r} is no string")


def fingerprint(gold: Path) -> str:
    """SHA-256 over the annotations and articles of a gold folder, hexadecimal: what a floor is of."""
    digest = hashlib.sha256()
    articles = _articles_of(gold)
    texts = sorted(articles.glob("*.txt")) if articles.is_dir() else [articles]
    for path in (*sorted((gold / "gold").glob("*.json")), *texts):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def read_floors(path: Path) -> dict[str, dict[str, Any]]:
    """Gold name -> its fingerprint and floors. Empty where the file does not exist. Raises GoldError."""
    if not path.exists():
        return {}
    try:
        floors: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GoldError(f"{path}: {error}") from None
    for name, floor in floors.items():
        if not isinstance(floor, dict) or not all(isinstance(floor.get(key, 0.0), int | float) for key in FLOORED):
            raise GoldError(f"{path}: {name} is not a table of figures")
        unknown = set(floor) - {"fingerprint", *FLOORED}
        if unknown:
            raise GoldError(f"{path}: unknown key {min(unknown)!r} in [{name}]; the figures are {', '.join(FLOORED)}")
    return floors


def fallen(figures: Figures, floor: dict[str, Any], gold: Path) -> list[str]:
    """What is wrong, one line each: figures under their floors, or a gold that is another than the floors' own."""
    if floor.get("fingerprint") != fingerprint(gold):
        return ["the gold is not the one that the floors were set on; set them again with --set-floors"]
    lines = []
    for name in FLOORED:
        value = figures.value(name)
        if name in floor and (value is None or round(value, 4) < floor[name]):
            lines.append(
                f"{name} fell to {'nothing' if value is None else f'{value:.4f}'}, under its floor {floor[name]}"
            )
    return lines


def set_floors(path: Path, name: str, figures: Figures, gold: Path, *, lower: bool) -> list[str]:
    """Writes the figures as the floors of a gold folder. Without `lower` a floor of the same gold is never lowered:
    the figures that would have to be are returned, and nothing is written.
    """
    floors = read_floors(path)
    now = {key: value for key in FLOORED if (value := figures.value(key)) is not None}
    old = floors.get(name, {})
    lowered = [key for key in FLOORED if key in old and round(now.get(key, 0.0), 4) < old[key]]
    if lowered and not lower:
        return [f"{key} {now.get(key, 0.0):.4f} is under its floor {old[key]}" for key in lowered]
    floors[name] = {"fingerprint": fingerprint(gold)} | {
        key: int(value * 10_000) / 10_000 for key, value in now.items()
    }
    lines = ["# Figures of `biaogan evaluate` that may not fall; written by --set-floors, never by hand.", ""]
    for gold_name, floor in sorted(floors.items()):
        lines += [f"[{_key(gold_name)}]", *(f"{key} = {json.dumps(value)}" for key, value in floor.items()), ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return []


def _key(name: str) -> str:
    """A name as a key of TOML, quoted where it must be."""
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else json.dumps(name)


def _articles_of(gold: Path) -> Path:
    for candidate in (gold / "articles.jsonl", gold / "text"):
        if candidate.exists():
            return candidate
    raise GoldError(f"{gold}: neither articles.jsonl nor text/ holds the annotated articles")


def _count_article(figures: Figures, source_id: str, gold: Gold, found: Extraction | None) -> None:
    figures.articles += 1
    links = [link for link in found.links if COURTESY not in link.flags] if found else []
    scored = [link for link in gold["links"] if COURTESY not in link.get("flags", [])]
    excused = [link for link in gold["links"] if COURTESY in link.get("flags", [])]
    left = list(links)
    for wanted in scored:
        match = next((link for link in left if _same_pair(wanted, link)), None)
        verdict = "missed" if match is None else "hit"
        figures.by_kind[wanted["model"]["kind"], verdict] += 1
        figures.by_relation[wanted["relation"], verdict] += 1
        if match is None:
            figures.missed += 1
            figures.errors.append(f"{source_id}  missed  {_pair(wanted)}  {wanted['relation']}")
            continue
        left.remove(match)
        figures.hits += 1
        assert found is not None
        _count_link(figures, source_id, wanted, match, found.article.text)
    for link in left:
        if not any(_same_pair(wanted, link) for wanted in excused):
            figures.wrong += 1
            words = link.evidence.of(found.article.text)[:60] if found else ""
            pair = f"{link.learner.name} -> {link.model.name}"
            figures.errors.append(f"{source_id}  wrong   {pair}  {link.relation}  {link.rule}  {words}")
    if not gold["links"]:
        figures.count("silent", not links)
    home = (gold.get("home") or {}).get("adcode")
    if home:
        right = found is not None and found.home.region_code == home
        figures.count("home", right)
        if not right:
            told = found.home.region_code if found else None
            figures.errors.append(f"{source_id}  home    {told} for {home}")


def _count_link(figures: Figures, source_id: str, wanted: Gold, link: Link, text: str) -> None:
    figures.count("relation", wanted["relation"] == link.relation)
    if wanted["relation"] != link.relation:
        figures.errors.append(f"{source_id}  relation  {_pair(wanted)}  {link.relation} for {wanted['relation']}")
    mine, theirs = _normal(link.evidence.of(text)), _normal(wanted["evidence"])
    figures.count("evidence", bool(mine) and bool(theirs) and (mine in theirs or theirs in mine))
    people = wanted.get("people") or {}
    for role, told in (("leader", link.visit.leader), ("host", link.visit.host)):
        name = (people.get(role) or {}).get("name")
        if name:
            figures.count(role, told == name)
    visited = (wanted.get("date") or wanted).get("visited")
    if visited:
        # Gold gives a month where the text does; no day is told then, and none is asked.
        figures.count("date", len(visited) < 10 or str(link.visit.visited_from) == visited)


def _same_pair(wanted: Gold, link: Link) -> bool:
    model, code = wanted["model"], wanted["model"].get("adcode")
    if link.learner.code != wanted["learner"]["adcode"]:
        return False
    if model["kind"] in ("region", "underspecified"):
        return link.model.kind in ("region", "underspecified") and link.model.code == code
    if model["kind"] in ("zone", "locality"):
        codes = (link.model.code or "")[:4], (code or "")[:4]
        return link.model.kind in ("zone", "locality") and bool(codes[0]) and codes[0] == codes[1]
    mine, theirs = _normal(link.model.name), _normal(model["name"])
    return link.model.kind == model["kind"] and bool(mine and theirs) and (mine in theirs or theirs in mine)


def _pair(wanted: Gold) -> str:
    names = [role.get("name") or role.get("adcode") or "?" for role in (wanted["learner"], wanted["model"])]
    return " -> ".join(names)


def _normal(words: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", words or "").split())


def _ratio(right: int, of: int) -> float | None:
    return right / of if of else None


def figure_lines(figures: Figures) -> Iterator[str]:
    """The figures as lines for people."""
    for title, counts, keys in (
        ("kind", figures.by_kind, sorted({kind for kind, _ in figures.by_kind})),
        (
            "relation",
            figures.by_relation,
            [r for r in RELATIONS if figures.by_relation[r, "hit"] + figures.by_relation[r, "missed"]],
        ),
    ):
        for key in keys:
            hit, missed = counts[key, "hit"], counts[key, "missed"]
            yield f"  {title:9}{key:16}found {hit:4} of {hit + missed:4}"
    values = {name: figures.value(name) for name in FLOORED}
    yield (
        f"{figures.articles} articles: {figures.hits} links right, {figures.wrong} wrong, {figures.missed} missed; "
        + "  ".join(f"{name} {value:.3f}" for name, value in values.items() if value is not None)
    )


def as_record(figures: Figures) -> dict[str, Any]:
    """The figures as one JSON object: counts, shares and values."""
    record = dataclasses.asdict(figures)
    record["by_kind"] = {f"{kind}/{verdict}": n for (kind, verdict), n in sorted(figures.by_kind.items())}
    record["by_relation"] = {f"{kind}/{verdict}": n for (kind, verdict), n in sorted(figures.by_relation.items())}
    return record | {name: figures.value(name) for name in FLOORED}
