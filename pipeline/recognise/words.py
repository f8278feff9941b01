"""The segmenter: spaCy's Chinese tokenizer on spacy-pkuseg, with our model and the gazetteer as its dictionary.

No stage of the pipeline needs words (docs/decisions/0008); they are for who counts or searches the texts. Needs the
extra `words`.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.gazetteer import load_gazetteer
from pipeline.gazetteer.region import LETTER
from pipeline.resources import load_lexicon

if TYPE_CHECKING:
    from spacy.language import Language

SEGMENTER_FOLDER: Final = Path(__file__).parent.parent / "resources" / "segmenter"


def segment(text: str) -> list[str]:
    """The words of `text`, white space left out."""
    return [token.text for token in load_segmenter().make_doc(text) if not token.is_space]


@functools.cache
def load_segmenter() -> Language:
    """A spaCy pipeline that only tokenises. Raises ImportError where spacy-pkuseg is not installed."""
    nlp = load_plain_segmenter()
    tokenizer: Any = nlp.tokenizer
    tokenizer.pkuseg_update_user_dict(dictionary())
    return nlp


def load_plain_segmenter() -> Language:
    """The segmenter without the gazetteer, to be measured beside it.

    The model is set past spaCy's `initialize`, which cannot do without the dictionary of pkuseg's own models.
    """
    import spacy_pkuseg
    from spacy.lang.zh import Chinese

    nlp = Chinese.from_config({"nlp": {"tokenizer": {"segmenter": "pkuseg"}}})
    tokenizer: Any = nlp.tokenizer
    tokenizer.pkuseg_seg = spacy_pkuseg.pkuseg(str(SEGMENTER_FOLDER), user_dict=None)
    return nlp


def dictionary() -> list[str]:
    """The names of the gazetteer that are no common words, sorted."""
    lexicon = load_lexicon("recognise")
    weak = {*lexicon["common_words"]["words"], *lexicon["needs_container"]["names"]}
    return sorted(
        words
        for words, names in load_gazetteer().names.items()
        if len(words) > 1 and words not in weak and any(name.name_type != LETTER for name in names)
    )
