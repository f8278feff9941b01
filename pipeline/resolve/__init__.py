"""Resolve: which region a mention means, and which region is the article's home."""

from pipeline.resolve.home import find_home, home_at_rank
from pipeline.resolve.regions import resolve_mentions

VERSION = "3"
"""Part of every fingerprint: raised when what this stage makes of the same mentions changes."""

__all__ = ["VERSION", "find_home", "home_at_rank", "resolve_mentions"]
