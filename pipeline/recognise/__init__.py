"""Recognise: an article's places and organisations, with offsets and the way each was found."""

from pipeline.recognise.mentions import find_mentions

VERSION = "1"
"""Part of every fingerprint: raised when what this stage finds in the same text changes."""

__all__ = ["VERSION", "find_mentions"]
