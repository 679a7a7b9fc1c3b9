"""`preg query`: SQL on the current release."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import duckdb
from rich.table import Table
from rich.text import Text

from cli.checked_candidate import checked_candidate
from cli.console import console, errors, line, value
from cli.current_release import current
from cli.output import refuse_no_file, refuse_own_files
from foundation.database import locked_reader, machine_failures, sql_identifier, sql_text
from foundation.errors import PregError
from foundation.settings import Settings
from foundation.spreadsheet import safe_cell_sql
from foundation.text import printable
from publication.store.release import check_database, current_release, find_release


class Form(StrEnum):
    """How an answer is given."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


# What DuckDB calls them; JSON is one list, as programs read it.
_COPY_OPTIONS = {
    Form.CSV: "format csv, header",
    Form.JSON: "format json, array true",
    Form.PARQUET: "format parquet, compression zstd",
}
_BY_ENDING = {".csv": Form.CSV, ".json": Form.JSON, ".parquet": Form.PARQUET}
# Describe, show, summarize, values, from and table are selects to DuckDB.
_QUESTIONS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
# Questions that are answered with comments; the rest is left to DuckDB.
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_IS_DESCRIBED = re.compile(r"\s*(show\s+tables|(describe|desc|show)\s+\"?(?P<table>\w+)\"?)\s*;?\s*", re.IGNORECASE)
_COLUMNS = """
    select column_name, data_type as column_type, comment as what_it_is
    from duckdb_columns()
    where database_name = current_database() and lower(table_name) = $relation
    order by column_index
"""
_RELATIONS = """
    from (
        select table_name as name, 'table' as kind, comment as what_it_is
        from duckdb_tables() where database_name = current_database()
        union all
        select view_name, 'view', comment
        from duckdb_views() where database_name = current_database() and not internal
        union all
        select function_name || '(' || array_to_string(parameters, ', ') || ')',
            case when function_type = 'table_macro' then 'table macro' else 'macro' end, comment
        from duckdb_functions() where database_name = current_database() and not internal
    )
    order by list_position(['table', 'view', 'table macro', 'macro'], kind), name
"""
# Said of any but the current release.
_OLDER = "this is not the current release: it shows what was shown then, also of who has been protected since"
# A cell of a table that is longer than this is folded.
_FOLDED = 40
_HELP = "the tables and columns: preg query 'show tables', preg query 'describe preg_person'"


@dataclass(frozen=True)
class Asked:
    """What is asked: a release by its name, or the candidate."""

    release_id: str = "current"
    candidate: bool = False

    def database(self, settings: Settings) -> Path:
        """Its database: a release's as it was published, a candidate's as the gate has checked it.

        Raises `PregError` where there is none, where it has changed since, and for a candidate that may show somebody
        who is protected.
        """
        if self.candidate:
            if self.release_id != "current":
                raise PregError("a release is asked, or the candidate", todo="leave out --release or --candidate")
            return checked_candidate(settings)
        if self.release_id == "current":
            return current(settings).database
        release = find_release(settings, self.release_id)
        check_database(release, settings)
        newest = current_release(settings)
        if newest is None or newest.release_id != release.release_id:
            errors.print(line(Text("note", "yellow"), " ", _OLDER))
        return release.database


def question(sql: str, file: Path | None) -> str:
    """What is asked: the text, or that of a file. Raises `PregError` for nothing, for both, and for what is no text."""
    if sql.strip() and file is not None:
        raise PregError("a question is given, or a file with one", todo="leave one of them out")
    if file is not None:
        try:
            sql = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PregError("the question cannot be read", where=str(file), todo="name a text file") from error
    if not sql.strip():
        raise PregError("nothing is asked", todo=_HELP)
    if sql.startswith("-") and "\n" not in sql:
        # A comment alone asks nothing: an option that does not exist.
        raise PregError(f"no such option: {sql}", todo="preg query --help shows them")
    return sql


def answer(
    settings: Settings, sql: str, form: Form | None, *, rows: int, out: Path | None, asked: Asked | None = None
) -> None:
    """Show the first `rows` of an answer as a table, or give all of it in another form, to a file or to the output.

    asked: None for the current release. form: None for what the ending of `out` says, or CSV; a table without `out`.
    Raises `PregError` for what is no
    single question to the release, for Parquet without a file, and for a file that would be written where the
    register's own are.
    """
    if form is None:
        form = Form.TABLE if out is None else _BY_ENDING.get(out.suffix.lower(), Form.CSV)
    if form is Form.TABLE and out is not None:
        form = Form.CSV
    if form is Form.PARQUET and out is None:
        raise PregError("Parquet is no text that a terminal can show", todo="name a file: --out answer.parquet")
    database = (asked or Asked()).database(settings)
    if form is Form.TABLE:
        with locked_reader(database, settings) as connection, _answered():
            _show(connection, sql, rows)
        return
    with _folder_for(settings, out) as folder:
        file = folder / "answer"
        with locked_reader(database, settings, writable=folder) as connection, _answered():
            _write(_ask(connection, sql), file, form)
        if out is not None:
            with machine_failures(str(out)):
                file.chmod(0o600)
                file.replace(out)
            console.print(line("written  ", value(out, "bold")))
            return
        _print(file)


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except duckdb.PermissionException as error:
        raise PregError(
            "a question reads the release and nothing else: no other file, no other database",
            todo="ask what is in the release, and let --out write the answer",
        ) from error
    except duckdb.Error as error:
        raise PregError(f"the release cannot answer this: {error}", todo=_HELP) from error


def _ask(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation:
    """The answer to one question. The checked statement itself is run: its text is not parsed again."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type not in _QUESTIONS:
        kinds = ", ".join(statement.type.name.lower() for statement in statements) or "nothing"
        raise PregError(
            f"one question is asked at a time, and nothing is changed; this is: {kinds}",
            todo="ask one select, from, show, describe, summarize or explain; a pivot names its values: in (…)",
        )
    found = _described(connection, sql)
    if found is None:
        found = connection.sql(statements[0])
    if found is None:
        raise PregError("this has no answer", todo=_HELP)
    return found


def _is_described(sql: str) -> re.Match[str] | None:
    return _IS_DESCRIBED.fullmatch(_COMMENT.sub(" ", sql))


def _described(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation | None:
    """The answer to `show tables` and `describe <table>`, with what each is; None for any other question.

    DuckDB's own answers leave out the comments, and the macros.
    """
    asked = _is_described(sql)
    if asked is None:
        return None
    if asked["table"] is None:
        return connection.sql(_RELATIONS)
    relation = {"relation": asked["table"].lower()}
    if connection.execute(_COLUMNS, relation).fetchone() is None:
        return None
    return connection.sql(_COLUMNS, params=relation)


def _show(connection: duckdb.DuckDBPyConnection, sql: str, rows: int) -> None:
    found = _ask(connection, sql)
    if found.columns == ["explain_key", "explain_value"]:
        for row in found.fetchall():
            for each in str(row[1]).splitlines():
                console.print(value(each))
        return
    if _is_described(sql):
        rows = len(found)
    shown = found.fetchmany(rows + 1)
    cells = [[value(cell) for cell in row] for row in shown[:rows]]
    if _is_wide(found.columns, cells):
        _show_vertically(found.columns, cells)
    else:
        table = Table(show_lines=False, header_style="bold")
        for name, kind in zip(found.columns, found.types, strict=True):
            table.add_column(value(name), overflow="fold", justify="right" if _is_number(str(kind)) else "left")
        for given in cells:
            table.add_row(*given)
        console.print(table)
    if len(shown) > rows:
        console.print(Text(f"the first {rows} rows; --rows N shows more, --format csv all of them", "dim"))


def _is_number(kind: str) -> bool:
    """Whether a type of DuckDB's is a number: not a list of them, nor a structure with one."""
    return re.fullmatch(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL\(\d+,\d+\)", kind) is not None


def _is_wide(columns: Sequence[str], cells: Sequence[Sequence[Text]]) -> bool:
    """Whether a table would be wider than the terminal: its cells would be folded letter by letter."""
    widths = [
        min(_FOLDED, max([len(name), *(row[place].cell_len for row in cells)])) for place, name in enumerate(columns)
    ]
    return sum(widths) + 3 * len(widths) + 1 > console.width


def _show_vertically(columns: Sequence[str], cells: Sequence[Sequence[Text]]) -> None:
    """Each row by itself, a line for each column that has a value."""
    longest = max(map(len, columns))
    for number, row in enumerate(cells, start=1):
        console.print(Text(f"row {number}", "bold"))
        for name, cell in zip(columns, row, strict=True):
            if cell.plain:
                console.print(line("  ", value(name.ljust(longest), "dim"), "  ", cell))
    if not cells:
        console.print(line("no rows of ", ", ".join(columns)))


def _write(found: duckdb.DuckDBPyRelation, file: Path, form: Form) -> None:
    lowered = [name.lower() for name in found.columns]
    twice = sorted({name for name in lowered if lowered.count(name) > 1})
    if twice:
        raise PregError(
            f"several columns of the answer have one name: {', '.join(twice)}",
            todo="name each its own: … as other_name",
        )
    # A file that somebody opens in a spreadsheet begins no cell of text with what a spreadsheet would execute.
    columns = [
        f"{safe_cell_sql(name)} as {name}" if form is Form.CSV and kind == "VARCHAR" else name
        for name, kind in zip(map(sql_identifier, found.columns), map(str, found.types), strict=True)
    ]
    found.query("answer", f"copy (select {', '.join(columns)} from answer) to {sql_text(file)} ({_COPY_OPTIONS[form]})")


@contextmanager
def _folder_for(settings: Settings, out: Path | None) -> Iterator[Path]:
    """A folder of our own for the answer; next to `out`, so that one rename puts the answer there."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="preg-answer-") as folder:
            yield Path(folder)
        return
    refuse_own_files(settings, out)
    refuse_no_file(out)
    with machine_failures(str(out)):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".preg-answer-", dir=out.parent) as folder:
            yield Path(folder).resolve()


def _print(file: Path) -> None:
    """The answer on the output: exactly to a file or a program, without escape sequences to a terminal."""
    with file.open(encoding="utf-8", newline="") as text:
        if not sys.stdout.isatty():
            for chunk in iter(lambda: text.read(1 << 20), ""):
                sys.stdout.write(chunk)
            return
        for each in text:
            ending = each[len(each.rstrip("\r\n")) :]
            sys.stdout.write(printable(each.rstrip("\r\n"), len(each)) + ("\n" if ending else ""))
