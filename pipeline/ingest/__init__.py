"""Ingest: bytes become articles, or rejections that say why not."""

from pipeline.ingest.duplicates import Signature, find_duplicates, signature_of
from pipeline.ingest.inputs import (
    InputFile,
    MissingInputError,
    UnreadableInputError,
    covers,
    document_uri,
    find_inputs,
    input_uri,
)
from pipeline.ingest.records import Reading, read_articles, read_records

VERSION = "2"
"""Part of every fingerprint: raised when what this stage makes of the same bytes changes."""

__all__ = [
    "VERSION",
    "InputFile",
    "MissingInputError",
    "Reading",
    "Signature",
    "UnreadableInputError",
    "covers",
    "document_uri",
    "find_duplicates",
    "find_inputs",
    "input_uri",
    "read_articles",
    "read_records",
    "signature_of",
]
