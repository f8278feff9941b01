"""The engine: maps a function over the shards of a run. The driver alone plans and commits."""

from pipeline.engine.local import run_shards

__all__ = ["run_shards"]
