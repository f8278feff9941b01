"""One article in colour: its mentions, what its sentences say of learning, and its links with their rules."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.text import Text

from pipeline import link, recognise, resolve
from pipeline.gazetteer import Gazetteer
from pipeline.link.agents import find_agent
from pipeline.link.frames import Frame
from pipeline.records import Article, Link, ResolvedMention

_STYLES: Final = {"LOC": "bold green", "ORG": "bold cyan", "PER": "bold magenta"}
_UNRESOLVED: Final = "yellow"
_CUE: Final = "bold red"
_SHOWN: Final = 160
"""Symbols of a masked sentence that are shown."""


def explain(article: Article, gazetteer: Gazetteer, console: Console) -> None:
    """Prints one article with its home, mentions, frames and links. Colours only where the console has them."""
    mentions = recognise.find_mentions(article, gazetteer)
    home = resolve.find_home(article, mentions, gazetteer)
    resolved = resolve.resolve_mentions(article, mentions, home, gazetteer)
    reading = link.read_links(article, resolved, home, gazetteer)
    region = gazetteer.get(home.region_code)
    console.rule(Text(article.title or article.source_id))
    console.print(Text(f"home: {region.name if region else 'none'} (told by {home.method})"))
    console.print(_marked(article, resolved, reading))
    legend = Text("places ", _STYLES["LOC"]) + Text("unresolved places ", _UNRESOLVED)
    console.print(legend + Text("bodies ", _STYLES["ORG"]) + Text("persons ", _STYLES["PER"]) + Text("cues", _CUE))
    console.rule("what the sentences say", align="left")
    for frame in reading.frames:
        console.print(_frame_line(reading, frame))
    console.rule("links", align="left")
    for number, found in enumerate(reading.links, start=1):
        console.print(_link_lines(article, number, found))


def _marked(article: Article, mentions: list[ResolvedMention], reading: link.Reading) -> Text:
    text = Text(article.text)
    for mention in mentions:
        if mention.mention.outer:
            label = mention.mention.label
            style = _UNRESOLVED if label == "LOC" and not mention.region_code else _STYLES[label]
            text.stylize(style, mention.span.start, mention.span.end)
    for frame in reading.frames:
        first = min((model.end - 1 for model in frame.models), default=frame.end)
        starts = frame.masked.starts
        text.stylize(_CUE, starts[frame.start], starts[max(first, frame.start + 1)])
    return text


def _frame_line(reading: link.Reading, frame: Frame) -> Text:
    """A frame: its rule and relation, who looks or learns, at whom, and the sentence as the cues see it."""
    agent = find_agent(reading.document, reading.people, frame.masked, frame.start)
    learners = dict.fromkeys(c.learner.name for c in reading.candidates if c.frame is frame)
    who = "、".join(learners) or f"nobody ({agent.how})"
    whom = "、".join(model.region.name for model in frame.models) or frame.anaphor
    place = "title" if frame.is_title else f"at {frame.masked.sentence.span.start}"
    line = Text(f"{frame.rule} ({frame.relation}, {place}): ") + Text(f"{who} > {whom}", _STYLES["LOC"])
    return line + Text(f"\n    {frame.masked.words[:_SHOWN]}", "dim")


def _link_lines(article: Article, number: int, found: Link) -> Text:
    """A link: its pair, rule and details, and its evidence with the learner's and model's words marked."""
    lines = Text(f"{number}. ") + Text(found.learner.name, _STYLES["LOC"]) + Text(f" {found.relation} ")
    lines += Text(found.model.name, _STYLES["LOC"]) + Text(f" ({found.model.kind})  rule {found.rule}", "dim")
    visit = found.visit
    details = {
        "flags": "、".join(found.flags),
        "aspects": "、".join(found.aspects),
        "sites": "、".join(site.text for site in found.sites),
        "leader": " ".join(filter(None, (visit.leader_title, visit.leader))),
        "host": " ".join(filter(None, (visit.host_title, visit.host))),
        "dates": " to ".join(str(day) for day in (visit.visited_from, visit.visited_to) if day),
    }
    for name, words in details.items():
        if words:
            lines += Text(f"\n    {name}: {words}")
    evidence = Text(found.evidence.of(article.text))
    for ref in (found.learner, found.model):
        if found.evidence.holds(ref.span):
            start = ref.span.start - found.evidence.start
            evidence.stylize(_STYLES["LOC"], start, start + len(ref.span))
    return lines + Text("\n    ") + evidence
