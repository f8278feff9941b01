"""Link: who learns from whom, in which sentence, about what. What a link is, the project's annotation guide says."""

from pipeline.link.find import Reading, find_links, read_links

VERSION = "3"
"""Part of every fingerprint: raised when what this stage makes of the same mentions changes."""

__all__ = ["VERSION", "Reading", "find_links", "read_links"]
