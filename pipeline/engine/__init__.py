"""The engine: maps a function over the shards of a run. The driver alone plans and commits."""

from pipeline.engine.local import WorkerError, run_shards

__all__ = ["WorkerError", "run_shards"]
