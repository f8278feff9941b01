"""Recognise: an article's places, organisations and persons, with offsets and the way each was found."""

from pipeline.recognise.mentions import find_mentions
from pipeline.recognise.tagged_names import tagger_hash

VERSION = "2"
"""Part of every fingerprint: raised when what this stage finds in the same text changes."""

__all__ = ["VERSION", "find_mentions", "tagger_hash"]
