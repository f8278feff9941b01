"""No regular expression of the project may take more than linear time on a line of any length."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from typing import Any

import pytest

import pipeline

SIZE = 100_000
"""Characters: a quadratic pattern takes 100 times what it takes on a tenth; a megabyte of it would never end."""
PIECES = (
    "a", " ", "1", "，", "市", "一", "-", "(", "（", "【", "来源", "记者", "12-", "2024", "2024-", "< ", "a ", "\t", "　",
    "对标", "第一", "、", "：", "学习", "12", "_", "|", '"', "=", "大", "版权所有", "ICP备", "热", "分享",
)  # fmt: skip


def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern that a module of ingest holds, or that a function without arguments of it makes."""
    found: dict[str, re.Pattern[str]] = {}
    for module_info in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if not module_info.name.startswith("pipeline.ingest"):
            continue
        module = importlib.import_module(module_info.name)
        for name, value in vars(module).items():
            if callable(value) and hasattr(value, "cache_info") and not value.__wrapped__.__code__.co_argcount:
                value = value()
            for number, pattern in enumerate(_patterns_in(value)):
                found[f"{module_info.name}.{name}.{number}"] = pattern
    return found


def _patterns_in(value: Any) -> list[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        return [value] if isinstance(value.pattern, str) else []
    if isinstance(value, tuple | list):
        return [pattern for part in value for pattern in _patterns_in(part)]
    return []


PATTERNS = patterns()


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_linear_in_its_line(name: str) -> None:
    pattern = PATTERNS[name]
    for piece in PIECES:
        for ending in ("", "\x01"):
            line = piece * (SIZE // len(piece)) + ending
            started = time.perf_counter()
            sum(1 for _ in pattern.finditer(line))
            pattern.fullmatch(line)
            assert time.perf_counter() - started < 2, f"{pattern.pattern[:80]!r} on {piece!r}"


def test_there_are_patterns_to_try() -> None:
    assert len(PATTERNS) > 15
