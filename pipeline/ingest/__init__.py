"""Ingest: bytes become articles, or rejections that say why not."""

from pipeline.ingest.inputs import InputFile, MissingInputError, UnreadableInputError, find_inputs
from pipeline.ingest.records import read_articles

VERSION = "1"
"""Part of every fingerprint: raised when what this stage makes of the same bytes changes."""

__all__ = ["VERSION", "InputFile", "MissingInputError", "UnreadableInputError", "find_inputs", "read_articles"]
