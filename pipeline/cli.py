"""The commands. Each parses its arguments, calls the pipeline, and turns what happened into lines and an exit code."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from pipeline import __version__, cli_tables
from pipeline.cli_tables import EXIT_FAILED, EXIT_LOCKED, EXIT_USAGE
from pipeline.cli_tables import stop as _stop
from pipeline.config import ConfigError, Settings, load_settings
from pipeline.tables.schema import TABLES

_INTERRUPTED = 128
"""What the number of a signal is added to where one ends a command."""

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"biaogan {__version__}")
        raise typer.Exit


@app.callback(help="Reads Chinese government news and writes who benchmarks against whom as Parquet tables.")
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Holds the options that belong to no command."""


@app.command(name="run")
def run_command(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders and globs to read; - for JSONL on standard input.", show_default=False),
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")] = None,
    output: Annotated[str | None, typer.Option("--output", help="The folder of the tables.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Number of processes.")] = None,
    prune: Annotated[
        bool | None, typer.Option("--prune", help="Withdraw the rows of inputs that are gone.", show_default=False)
    ] = None,
) -> None:
    """Read the inputs and commit their rows to the tables; what an earlier run has read is passed over."""
    import pyarrow as pa

    from pipeline.engine import WorkerError
    from pipeline.ingest import MissingInputError, UnreadableInputError
    from pipeline.job import run
    from pipeline.tables import ContractError, LockedError, OutputError

    try:
        settings = _settings(
            config, inputs=tuple(inputs) if inputs else None, output=output, workers=workers, prune=prune
        )
        result = run(settings, progress=_progress())
    except (ConfigError, MissingInputError) as error:
        _stop(error, EXIT_USAGE)
    except LockedError as error:
        _stop(error, EXIT_LOCKED)
    except (UnreadableInputError, OutputError, ContractError, WorkerError) as error:
        _stop(error, EXIT_FAILED)
    except pa.ArrowException as error:
        _stop(f"a file of the tables is damaged: {error}; `biaogan verify` tells which", EXIT_FAILED)
    except OSError as error:
        _stop(f"{error.filename or settings.run.output}: {error.strerror or error}", EXIT_FAILED)
    except KeyboardInterrupt as error:
        _stop_interrupted(error)
    if result.commit is None:
        typer.echo(f"nothing is new: {result.n_inputs} input files, all committed to {settings.run.output} before")
        return
    _report(result.commit.rows, result.counts, settings.run.output)
    if result.exit_code:
        count = result.counts["quarantine"]
        typer.echo(f"{count} inputs were quarantined, more than max_rejected ({settings.run.max_rejected})", err=True)
    raise typer.Exit(result.exit_code)


@app.command(name="ingest")
def ingest_command(
    inputs: Annotated[list[str] | None, typer.Argument(help="As of `run`.", show_default=False)] = None,
    config: Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be read, and as what.")] = False,
) -> None:
    """Read the inputs and print their articles as JSONL, without extracting from them or writing tables."""
    from pipeline.ingest import MissingInputError, UnreadableInputError, find_inputs
    from pipeline.report.inputs import article_lines, describe_inputs

    try:
        settings = _settings(config, inputs=tuple(inputs) if inputs else None)
        files = find_inputs(settings.run.inputs)
    except (ConfigError, MissingInputError) as error:
        _stop(error, EXIT_USAGE)
    except UnreadableInputError as error:
        _stop(error, EXIT_FAILED)
    for line, is_article in (
        describe_inputs(files, settings.ingest) if dry_run else article_lines(files, settings.ingest)
    ):
        typer.echo(line, err=not is_article)


@app.command(name="schema")
def schema_command(
    table: Annotated[str | None, typer.Argument(help="One table; all are printed without it.")] = None,
) -> None:
    """Print the data dictionary: every table and field, in English and Chinese."""
    if table is not None and table not in TABLES:
        _stop(f"{table!r} is no table; the tables are {', '.join(TABLES)}", EXIT_USAGE)
    for name in [table] if table else TABLES:
        described = TABLES[name]
        typer.echo(f"\n{name}: {described.description} / {described.description_zh}")
        typer.echo(f"  key: {', '.join(described.key)}")
        for field in described.schema:
            metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
            kind = f"{field.type}{'?' if field.nullable else ''}".replace(" not null", "").replace("element: ", "")
            typer.echo(f"  {field.name:16} {kind:20} {metadata['description']} / {metadata['description_zh']}")


@app.command(name="evaluate")
def evaluate_command(
    gold: Annotated[
        Path, typer.Argument(help="A folder of annotated articles: gold/<id>.json, articles.jsonl or text/.")
    ],
    floors: Annotated[Path, typer.Option("--floors", help="The file of floors.")] = Path("configs/floors.toml"),
    set_floors: Annotated[bool, typer.Option("--set-floors", help="Write the figures as floors.")] = False,
    lower: Annotated[bool, typer.Option("--lower", help="Let --set-floors lower a floor.")] = False,
    errors: Annotated[bool, typer.Option("--errors", help="Print every error.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Score the links on annotated articles, and fail where a figure is under its floor."""
    from pipeline import evaluate as evaluation

    try:
        known = evaluation.read_floors(floors)
        figures = evaluation.evaluate(gold, progress=_progress())
        name = gold.resolve().name
        problems = []
        if set_floors:
            problems = evaluation.set_floors(floors, name, figures, gold, lower=lower)
        elif name in known:
            problems = evaluation.fallen(figures, known[name], gold)
    except evaluation.GoldError as error:
        _stop(error, EXIT_USAGE)
    except OSError as error:
        _stop(f"{error.filename or gold}: {error.strerror or error}", EXIT_USAGE)
    if errors:
        for line in figures.errors:
            typer.echo(line)
    if as_json:
        typer.echo(json.dumps(evaluation.as_record(figures), ensure_ascii=False))
    else:
        for line in evaluation.figure_lines(figures):
            typer.echo(line)
    for problem in problems:
        typer.echo(f"biaogan: {problem}", err=True)
    if problems:
        raise typer.Exit(EXIT_FAILED)


@app.command(name="explain")
def explain_command(
    article: Annotated[str, typer.Argument(help="A text or JSONL file; one record of it as FILE#NUMBER.")],
    source_id: Annotated[str | None, typer.Option("--id", help="The record with this id.")] = None,
) -> None:
    """Show one article in colour: its mentions, what its sentences say, and its links with their rules."""
    from rich.console import Console

    from pipeline.gazetteer import load_gazetteer
    from pipeline.ingest import MissingInputError, UnreadableInputError, find_inputs, read_articles
    from pipeline.records import Rejection
    from pipeline.report import explain

    path, number = article, ""
    if "#" in article and not Path(article).exists():
        path, _, number = article.rpartition("#")
    try:
        if not path or Path(path).is_dir():
            _stop(f"{article or repr(article)}: name one file, not a folder", EXIT_USAGE)
        items = list(read_articles(find_inputs([path])))
    except (MissingInputError, UnreadableInputError) as error:
        _stop(error, EXIT_USAGE)
    chosen = [
        item
        for item in items
        if (not number or item.source_uri.endswith(f"#{number}"))
        and (source_id is None or (not isinstance(item, Rejection) and item.source_id == source_id))
    ]
    if not chosen:
        _stop(
            f"{article}: no record{f' with the id {source_id!r}' if source_id else ''}; it holds {len(items)}",
            EXIT_USAGE,
        )
    first = chosen[0]
    if isinstance(first, Rejection):
        _stop(f"{first.source_uri}: {first.code}: {first.detail}", EXIT_FAILED)
    explain(first, load_gazetteer(), Console())
    if len(chosen) > 1:
        typer.echo(f"{len(chosen) - 1} more records in {path}; name one as {path}#NUMBER or with --id", err=True)


cli_tables.add_to(app)


def main() -> None:
    """The entry point of the command `biaogan`."""
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        app(prog_name="biaogan", standalone_mode=True)
    except KeyboardInterrupt:  # before a command began, or in its last steps
        raise SystemExit(_INTERRUPTED + signal.SIGINT) from None


def _interrupted(number: int, _frame: object) -> None:
    raise _Terminated(number)


class _Terminated(KeyboardInterrupt):
    """The system asked the process to end."""


def _stop_interrupted(error: KeyboardInterrupt) -> NoReturn:
    number = error.args[0] if isinstance(error, _Terminated) else signal.SIGINT
    said = "readers see whole tables, and finished work is kept for the next run"
    _stop(f"interrupted; {said}", _INTERRUPTED + number)


def _settings(config: Path | None, **overrides: Any) -> Settings:
    settings = load_settings(config)
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return settings.model_copy(update={"run": type(settings.run)(**{**settings.run.model_dump(), **given})})
    except ValidationError as error:
        problem = error.errors()[0]
        raise ConfigError(f"--{problem['loc'][0]}: {problem['msg']}, found {problem['input']!r}") from None


def _progress() -> Callable[[str], None]:
    return lambda message: typer.echo(message, err=True)


def _report(totals: dict[str, int], written: dict[str, int], output: str) -> None:
    typer.echo(f"{'table':12}{'rows written':>14}{'rows in all':>14}  folder")
    for name in TABLES:
        typer.echo(f"{name:12}{written[name]:14,}{totals[name]:14,}  {output}/{name}")
    typer.echo("\nOpen them:")
    typer.echo(f'  pandas   pd.read_parquet("{output}/links")')
    typer.echo(f"  DuckDB   select * from read_parquet('{output}/links/*.parquet')")
    typer.echo(f'  here     from pipeline import read_table; read_table("links", "{output}")')
