"""The tagger alone on MSRA's 1998 news: no gazetteer, no cue words, no rules, trained on the rest of the same file.

    python benchmarks/msra.py prepare [--plain] TRAIN.bmes NAMES.jsonl WORK     writes WORK/train.spacy, dev.spacy
    python -m spacy train configs/ner.cfg --code training/spacy_code.py --output WORK/model \
        --paths.train WORK/train.spacy --paths.dev WORK/dev.spacy \
        --components.entity_tagger.model.tok2vec.embed.columns '[0,1,2,3]' \
        --components.entity_tagger.model.tok2vec.embed.rows '[6000,24000,24000,30000]'
    python benchmarks/msra.py score WORK/model/model-best TRAIN.bmes NAMES.jsonl

The last 3,000 sentences are the test; the 1,000 before them choose the model. The peer is the published BiLSTM-CRF (F1
91.9 on MSRA's own test part). The name-swap test puts another name of the same label, one that stands nowhere in the
training sentences, in the place of each name of the test and asks how far F1 falls. NAMES.jsonl is CLUENER's training
part: its companies, organisations and governments serve as ORG; counties and townships of the gazetteer serve as LOC;
as PER a family name with a given name, drawn. The names of even hash serve training, those of odd hash the test: each
training sentence is seen as it is and, without --plain, once with swapped names.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import zlib
from collections import Counter
from pathlib import Path

import spacy
from spacy.tokens import DocBin

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.gazetteer import load_gazetteer
from pipeline.gazetteer.region import COUNTY, FULL, SHORT, TOWNSHIP
from pipeline.recognise.tagger import CharacterTokenizer, DotOps
from pipeline.resources import load_lexicon
from training.make_examples import make_doc

TEST, CHOICE = 3000, 1000
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文辉力志国永春海波宁贵福生龙元全胜学祥才发武新"
    "利清飞彬富顺信子昌成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友裕河哲江"
)
"""Characters of given names."""
PUBLISHED = 91.9
_TAGS = {"NS": "LOC", "NT": "ORG", "NR": "PER", "LOC": "LOC", "ORG": "ORG", "PER": "PER"}

Sentence = tuple[str, list[tuple[int, int, str]]]


def read_sentences(file: Path) -> list[Sentence]:
    """(text, [(start, end, label)]) of each sentence of a BMES file."""
    sentences = []
    for block in file.read_text(encoding="utf-8").split("\n\n"):
        pairs = [line.rsplit(" ", 1) for line in block.split("\n") if line[1:2] == " "]
        names, start = [], 0
        for at, (_, tag) in enumerate(pairs):
            place, _, label = tag.partition("-")
            if place in "BS":
                start = at
            if place in "ES" and label:
                names.append((start, at + 1, _TAGS[label]))
        if pairs:
            sentences.append(("".join(character for character, _ in pairs), names))
    return sentences


def name_pools(names_file: Path, training_text: str, side: int) -> dict[str, list[str]]:
    """Label -> names to swap in, none of which stands in `training_text`; `side` 0 for training, 1 for the test."""
    chance = random.Random(side)
    gazetteer = load_gazetteer()
    places = {
        name.name
        for names in gazetteer.names.values()
        for name in names
        if name.name_type in (FULL, SHORT) and gazetteer[name.region_code].level in (COUNTY, TOWNSHIP)
    }
    bodies = set()
    for line in names_file.read_text(encoding="utf-8").splitlines():
        labels = json.loads(line)["label"]
        for kind in ("company", "organization", "government"):
            bodies |= {words for words in labels.get(kind, ()) if len(words) > 2}
    families = load_lexicon("tagger")["cues"]["surnames"]
    people = {chance.choice(families) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2)))) for _ in range(6000)}
    pools = {"LOC": places, "ORG": bodies, "PER": people}
    return {
        label: sorted(name for name in pool if zlib.crc32(name.encode()) % 2 == side and name not in training_text)
        for label, pool in pools.items()
    }


def swapped(sentence: Sentence, pools: dict[str, list[str]], chance: random.Random) -> Sentence:
    """The sentence with every name replaced by one of its label from `pools`."""
    text, names = sentence
    parts, spans, at, length = [], [], 0, 0
    for start, end, label in names:
        new = chance.choice(pools[label])
        parts += [text[at:start], new]
        length += start - at
        spans.append((length, length + len(new), label))
        length += len(new)
        at = end
    return "".join([*parts, text[at:]]), spans


def prepare(sentences: list[Sentence], names_file: Path, work: Path, *, plain: bool) -> None:
    """Writes the examples: training sentences as they are and, unless `plain`, swapped; and those for the choice."""
    train, choice = sentences[: -TEST - CHOICE], sentences[-TEST - CHOICE : -TEST]
    pools = name_pools(names_file, "\n".join(text for text, _ in train), 0)
    chance = random.Random(0)
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = CharacterTokenizer(spacy.blank("zh").vocab)
    other = [] if plain else [swapped(sentence, pools, chance) for sentence in train if sentence[1]]
    for name, chosen in (("train", [*train, *other]), ("dev", choice)):
        examples = DocBin(attrs=["ENT_IOB", "ENT_TYPE"])
        for text, names in chosen:
            entities: list[dict[str, object]] = [{"start": s, "end": e, "label": label} for s, e, label in names]
            examples.add(make_doc(tokenizer, text, entities, []))
        examples.to_disk(work / f"{name}.spacy")
        print(f"{len(chosen)} sentences: {work / name}.spacy")


def f1(model: Path, sentences: list[Sentence]) -> float:
    """F1 of exact spans with their labels, in percent."""
    nlp = spacy.load(model)
    for node in nlp.get_pipe("entity_tagger").model.walk():
        node.ops = DotOps()
    counts: Counter[str] = Counter()
    for (_, names), doc in zip(sentences, nlp.pipe([text for text, _ in sentences]), strict=True):
        found = {(entity.start, entity.end, entity.label_) for entity in doc.ents}
        counts["both"] += len(found & set(names))
        counts["either"] += len(found) + len(names)
    return 200 * counts["both"] / max(1, counts["either"])


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="The tagger alone on MSRA.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command, arguments in (("prepare", ("bmes", "names", "work")), ("score", ("model", "bmes", "names"))):
        sub = commands.add_parser(command)
        for argument in arguments:
            sub.add_argument(argument, type=Path)
        if command == "prepare":
            sub.add_argument("--plain", action="store_true", help="no swapped copies of the training sentences")
    options = parser.parse_args()
    sentences = read_sentences(options.bmes)
    if options.command == "prepare":
        prepare(sentences, options.names, options.work, plain=options.plain)
        return 0
    train, test = sentences[: -TEST - CHOICE], sentences[-TEST:]
    pools = name_pools(options.names, "\n".join(text for text, _ in train), 1)
    chance = random.Random(1)
    as_is = f1(options.model, test)
    other = f1(options.model, [swapped(sentence, pools, chance) for sentence in test])
    print(f"last {TEST} sentences: F1 {as_is:.1f} (published BiLSTM-CRF, MSRA's test part: {PUBLISHED})")
    print(f"with every name swapped for an unseen one: F1 {other:.1f}, a fall of {as_is - other:.1f} points")
    return 0


if __name__ == "__main__":
    sys.exit(main())
