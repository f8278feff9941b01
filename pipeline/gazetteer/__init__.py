"""The gazetteer: the regions that can be named, the names they go by, and how they contain one another."""

from pipeline.gazetteer.load import Gazetteer, gazetteer_hash, load_gazetteer

__all__ = ["Gazetteer", "gazetteer_hash", "load_gazetteer"]
