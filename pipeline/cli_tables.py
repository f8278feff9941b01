"""The commands on committed tables: status, verify, history, diff, rollback, compact, export."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pipeline.config import ConfigError, Settings, load_settings

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_LOCKED = 75

_Config = Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")]
_Output = Annotated[str | None, typer.Option("--output", help="The folder of the tables.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    for name, command in _COMMANDS.items():
        app.command(name=name)(command)


def stop(message: object, code: int) -> NoReturn:
    """Ends the command with one line on standard error."""
    typer.echo(f"biaogan: {message}", err=True)
    raise typer.Exit(code)


def status(config: _Config = None, output: _Output = None) -> None:
    """Show the newest generation, its rows, the runs that made it, and what waits."""
    from pipeline.report.tables import status_lines
    from pipeline.tables import Store

    settings, root = _settings(config, output)
    with _told():
        for line in status_lines(Store(root), settings):
            typer.echo(line)


def verify(
    config: _Config = None,
    output: _Output = None,
    generation: Annotated[int | None, typer.Option("--generation", help="Its number; the newest without it.")] = None,
) -> None:
    """Check a committed generation: files, checksums, and every row against the contract."""
    from pipeline.tables import Store
    from pipeline.tables.verify import verify as verify_tables

    _, root = _settings(config, output)
    with _told():
        commit, problems = verify_tables(Store(root), generation)
    for problem in problems:
        typer.echo(f"biaogan: generation {commit.number}: {problem}", err=True)
    if problems:
        raise typer.Exit(EXIT_FAILED)
    n_files = sum(len(files) for files in commit.files.values())
    typer.echo(f"generation {commit.number} is whole: {n_files} files, {sum(commit.rows.values()):,} rows")


def history(config: _Config = None, output: _Output = None) -> None:
    """List the commits: number, time, what made them, rows, and whether they can still be read."""
    from pipeline.report.tables import history_lines
    from pipeline.tables import Store

    _, root = _settings(config, output)
    with _told():
        for line in history_lines(Store(root)):
            typer.echo(line)


def diff(
    since: Annotated[int, typer.Argument(help="The earlier generation; 0 is before the first.", min=0)],
    until: Annotated[int, typer.Argument(help="The later one.", min=1)],
    config: _Config = None,
    output: _Output = None,
) -> None:
    """Count the rows that were added and removed between two generations, by table."""
    from pipeline.tables import Store
    from pipeline.tables.history import difference

    _, root = _settings(config, output)
    with _told():
        found = difference(Store(root), since, until)
    typer.echo(f"{'table':12}{'added':>12}{'removed':>12}")
    for table in found:
        typer.echo(f"{table.table:12}{table.added:12,}{table.removed:12,}")


def rollback(
    generation: Annotated[int, typer.Argument(help="The number of the generation to go back to.")],
    config: _Config = None,
    output: _Output = None,
) -> None:
    """Publish the tables of an earlier generation again, as a new one."""
    from pipeline.job import retention_of
    from pipeline.tables import Store
    from pipeline.tables.history import rollback as roll_back

    settings, root = _settings(config, output)
    with _told():
        made = roll_back(Store(root), generation, retention_of(settings), _say)
    typer.echo(f"generation {made.number} holds what generation {generation} held")


def compact(config: _Config = None, output: _Output = None) -> None:
    """Publish the same rows in one file a table."""
    from pipeline.job import retention_of
    from pipeline.tables import Store
    from pipeline.tables.history import compact as compact_tables

    settings, root = _settings(config, output)
    with _told():
        made = compact_tables(Store(root), retention_of(settings), _say)
    if made is None:
        typer.echo("nothing to compact: each table is one file")
    else:
        typer.echo(f"generation {made.number} holds the same {sum(made.rows.values()):,} rows in one file a table")


def export(
    target: Annotated[Path, typer.Argument(help="A folder; for duckdb a file.")],
    to: Annotated[str, typer.Option("--to", help="delta, csv or duckdb.")],
    config: _Config = None,
    output: _Output = None,
    generation: Annotated[int | None, typer.Option("--generation", help="Its number; the newest without it.")] = None,
) -> None:
    """Write the tables elsewhere: Delta tables, CSV for spreadsheets, or a DuckDB database."""
    from pipeline.tables.export import FORMATS, MissingExtraError, export_tables

    _, root = _settings(config, output)
    if to not in FORMATS:
        stop(f"--to: {to!r} is none of {', '.join(FORMATS)}", EXIT_USAGE)
    try:
        with _told():
            rows = export_tables(to, root, target, generation)
    except MissingExtraError as error:
        stop(error, EXIT_USAGE)
    for name, count in rows.items():
        typer.echo(f"{name:12}{count:12,}")


_COMMANDS: dict[str, Callable[..., None]] = {
    "status": status,
    "verify": verify,
    "history": history,
    "diff": diff,
    "rollback": rollback,
    "compact": compact,
    "export": export,
}


def _settings(config: Path | None, output: str | None) -> tuple[Settings, Path]:
    try:
        settings = load_settings(config)
    except ConfigError as error:
        stop(error, EXIT_USAGE)
    return settings, Path(output or settings.run.output)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turns what can go wrong with tables into one line and an exit code."""
    import pyarrow as pa

    from pipeline.tables import ContractError, LockedError, OutputError

    try:
        yield
    except LockedError as error:
        stop(error, EXIT_LOCKED)
    except (OutputError, ContractError) as error:
        stop(error, EXIT_FAILED)
    except pa.ArrowException as error:
        stop(f"a file of the tables is damaged: {error}; `biaogan verify` tells which", EXIT_FAILED)
    except FileNotFoundError as error:
        stop(error if error.filename is None else f"{error.filename}: {error.strerror}", EXIT_FAILED)
    except OSError as error:
        stop(f"{error.filename}: {error.strerror or error}" if error.filename else error, EXIT_FAILED)


def _say(message: str) -> None:
    typer.echo(message, err=True)
