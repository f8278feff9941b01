"""Report: what people look at to see why a table says what it says."""

from pipeline.report.explain import explain

__all__ = ["explain"]
