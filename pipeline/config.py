"""Settings of a run: a TOML file becomes frozen, typed settings; an unknown key is an error that names a near one."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class ConfigError(Exception):
    """The configuration cannot be used; the message names the file, the key and, where there is one, a near key."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RunSettings(_Section):
    """What to read, where to write, and how the work is cut. Paths are relative to the working directory."""

    inputs: tuple[str, ...] = Field(default=("data/raw",), strict=False)
    output: str = Field(default="data/processed", min_length=1)
    engine: Literal["local"] = "local"
    workers: int = Field(default=1, ge=1, le=256)
    shard_bytes: int = Field(default=4_000_000, ge=1)
    """Bytes of input in one shard, at most; one larger file is a shard of its own."""
    prune: bool = False
    """Withdraw the rows of inputs below what is named that are gone."""
    max_rejected: int = Field(default=0, ge=0)
    """Inputs that may be quarantined before the exit code says so (3)."""


class Limits(_Section):
    """Bounds on what one input may cost. What passes one is quarantined with the code of the limit; the run goes on."""

    depth: int = Field(default=4, ge=0)
    """Layers of compression and archives around a document."""
    members: int = Field(default=100_000, ge=1)
    """Members of one input file, those of archives inside it included."""
    ratio: int = Field(default=200, ge=1)
    """Bytes unpacked for each byte of an input file; text rarely passes 20, zip bombs begin at 1,000."""
    ratio_from_bytes: int = Field(default=64_000_000, ge=0)
    """Unpacked bytes up to which the ratio does not matter: a small file of blanks is no bomb."""
    unpacked_bytes: int = Field(default=200_000_000_000, ge=1)
    """Bytes unpacked from one input file."""
    document_bytes: int = Field(default=20_000_000, ge=1)
    """Bytes of one document: a text, a page, a line of JSONL, a record of CSV or WARC."""
    characters: int = Field(default=500_000, ge=1)
    """Characters of one article; the longest government work reports have some 60,000."""
    seconds: float = Field(default=30.0, ge=0, le=1_000_000, allow_inf_nan=False, strict=False)
    """Time for one document from bytes to links; 0 for no limit."""


class FieldNames(_Section):
    """Names of the fields of JSONL, CSV and Parquet records, case aside; the first of a row that a record has is read."""

    text: tuple[str, ...] = Field(
        default=("text", "content", "body", "article", "正文", "内容", "文章内容", "新闻内容", "全文"), strict=False
    )
    html: tuple[str, ...] = Field(default=("html", "raw_html", "page", "网页", "源码"), strict=False)
    id: tuple[str, ...] = Field(default=("id", "article_id", "doc_id", "uuid", "编号", "序号"), strict=False)
    title: tuple[str, ...] = Field(
        default=("title", "topic", "headline", "subject", "标题", "题目", "新闻标题", "文章标题"), strict=False
    )
    url: tuple[str, ...] = Field(default=("url", "link", "href", "uri", "网址", "链接", "原文链接"), strict=False)
    published: tuple[str, ...] = Field(
        default=(
            "published", "published_at", "publish_time", "publish_date", "pub_date", "pubdate", "pubtime", "date",
            "datetime", "time", "发布时间", "发布日期", "发表时间", "日期", "时间",
        ),
        strict=False,
    )  # fmt: skip
    source: tuple[str, ...] = Field(
        default=(
            "source", "source_name", "publisher", "site", "site_name", "media", "来源", "信息来源", "发布机构",
            "发布单位", "媒体", "网站",
        ),
        strict=False,
    )  # fmt: skip
    author: tuple[str, ...] = Field(
        default=("author", "authors", "byline", "reporter", "editor", "作者", "记者", "编辑", "责任编辑"), strict=False
    )


class IngestSettings(_Section):
    """How inputs are read."""

    fields: FieldNames = FieldNames()
    limits: Limits = Limits()


class CommitSettings(_Section):
    """How long old generations of the tables are kept for readers that still hold them."""

    keep_generations: int = Field(default=5, ge=1)
    """The newest generations are kept, this many, however old they are ..."""
    keep_hours: float = Field(default=24.0, ge=0, le=1_000_000, allow_inf_nan=False, strict=False)
    """... and all that are younger than this."""


class ContractSettings(_Section):
    """What a run must keep beside the rules of the tables, which no setting changes."""

    largest_fall: float = Field(default=0.8, gt=0, le=1, strict=False)
    """The share of its rows that a table may lose in one run, and of its links or mentions that an article may have
    fewer in this run than before; 1 for no bound.
    """


class Settings(_Section):
    """All settings of one run."""

    run: RunSettings = RunSettings()
    ingest: IngestSettings = IngestSettings()
    commit: CommitSettings = CommitSettings()
    contract: ContractSettings = ContractSettings()

    def digest(self) -> str:
        """SHA-256 of the settings, hexadecimal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def load_settings(path: Path | None) -> Settings:
    """Reads `path`, or the defaults where it is None. Raises ConfigError with one line for a person."""
    if path is None:
        return Settings()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_problem(error)}") from None


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = [str(part) for part in problem["loc"]]
    if problem["type"] == "extra_forbidden":
        *sections, key = place
        where = f" in [{'.'.join(sections)}]" if sections else ""
        close = difflib.get_close_matches(key, _keys(sections), n=1, cutoff=0.5)
        hint = f"; did you mean {close[0]!r}?" if close else f"; known keys: {', '.join(_keys(sections))}"
        return f"unknown key {key!r}{where}{hint}"
    said = problem["msg"].replace("valid tuple", "list of strings")
    return f"{'.'.join(place)}: {said}, found {problem['input']!r}"


def _keys(sections: list[str]) -> list[str]:
    model: Any = Settings
    for section in sections:
        model = model.model_fields[section].annotation
    return list(model.model_fields)
