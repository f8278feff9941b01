"""Ingest: bytes become articles, or rejections that say why not."""

from pipeline.ingest.duplicates import Signatures, find_duplicates, numbers_of, signature_of
from pipeline.ingest.inputs import (
    InputFile,
    MissingInputError,
    UnreadableInputError,
    document_uri,
    find_inputs,
    input_uri,
    is_gone_from,
)
from pipeline.ingest.records import Reading, read_articles, read_records

VERSION = "2"
"""Part of every fingerprint: raised when what this stage makes of the same bytes changes."""

__all__ = [
    "VERSION",
    "InputFile",
    "MissingInputError",
    "Reading",
    "Signatures",
    "UnreadableInputError",
    "document_uri",
    "find_duplicates",
    "find_inputs",
    "input_uri",
    "is_gone_from",
    "numbers_of",
    "read_articles",
    "read_records",
    "signature_of",
]
