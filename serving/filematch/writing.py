"""The result: the client's own columns as they were, in their order, and behind them ours (`preg_…`).

Ours are texts in every form, days as 1980-12-31, so that a later wash can be compared with what was given out. In CSV
one of ours that a spreadsheet would execute gets an apostrophe in front (`foundation.spreadsheet`); the client's own
values are never changed. In Excel everything is text.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import xlsxwriter

from foundation.database import sql_identifier, sql_text
from foundation.errors import PregError
from foundation.files import CHUNK
from foundation.release import Release
from foundation.spreadsheet import safe_cell_sql
from serving.filematch.columns import Columns
from serving.filematch.reading import CSV, EXCEL, PARQUET, Source
from serving.services.records import fields_of

# Our column → the column of the person, or of the present address, whose value it has.
_OF_PERSON = {f"preg_{field.column}": field.column for field in (*fields_of("Person"), *fields_of("Store"))}
_OF_ADDRESS = {
    f"preg_{field.column}": field.column
    for field in fields_of("Address")
    if field.column not in ("nin", "current_address")
}
FIELDS = (*_OF_PERSON, *_OF_ADDRESS)
_OF_ROW = {
    "preg_status": "matched.status",
    "preg_score": "cast(matched.score as varchar)",
    "preg_contradicts": "matched.contradicts",
    "preg_number_check": "matched.number_check",
    "preg_remark": "nullif(matched.remark, '')",
    "preg_change": "changed.change",
    "preg_changed_fields": "changed.fields",
}
OURS = (*_OF_ROW, "preg_release", *FIELDS)

# What a sheet of Excel has room for, its headers too.
_LONGEST_CELL_OF_EXCEL = 32_767
_MOST_ROWS_OF_EXCEL = 1_048_576
_ROWS_AT_A_TIME = 10_000
# What a workbook says of when it was made: the same file gives the same result.
_NO_TIME = dt.datetime(2000, 1, 1)


def create_changes(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `shown`, the fields of every person, and `changed`, how they differ from the earlier wash.

    change: new (nobody then), same, changed (`fields` says which), gone (nobody now); NULL where there is no earlier
    wash of the row or the person.
    """
    person = ", ".join(f"cast(person.{column} as varchar) as {name}" for name, column in _OF_PERSON.items())
    address = ", ".join(f"cast(address.{column} as varchar) as {name}" for name, column in _OF_ADDRESS.items())
    # A view: of a million rows the fields of all persons are more than everything else. A person has one present
    # address at the most.
    connection.execute(
        f"create view shown as select person.nin, {person}, {address} from preg_person as person"
        " left join (select * from preg_address where current_address) as address using (nin)"
    )
    if not connection.execute("select count(*) from earlier").fetchall()[0][0]:
        connection.execute("create table changed (row bigint, change varchar, fields varchar)")
        return
    # What was given out in CSV has an apostrophe where the register has none.
    fields = ", ".join(
        f"case when earlier.{name} is distinct from nullif(shown.{name}, '')"
        f" and earlier.{name} is distinct from {safe_cell_sql(f'shown.{name}')} then '{name.removeprefix('preg_')}' end"
        for name in FIELDS
    )
    ((by_row,),) = connection.execute("select answer from is_by_row").fetchall()
    join = "inner join earlier using (row)" if by_row else "left join earlier on matched.nin = earlier.nin"
    connection.execute(
        f"""
        create table changed as
        select
            row,
            case
                when was is null and nin is null then null
                when was is null then 'new'
                when nin is null then 'gone'
                when fields = '' then 'same'
                else 'changed'
            end as change,
            case when was is not null and nin is not null then nullif(fields, '') end as fields
        from (
            select matched.row, matched.nin, earlier.preg_nin as was, concat_ws(', ', {fields}) as fields
            from matched
            {join}
            left join shown on matched.nin = shown.nin
        )
        """
    )


def write_result(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Columns, form: str, release: Release, work: Path
) -> Path:
    """Write the rows of the file in their order, in a form: the file, in `work`. Raises `PregError` for too many."""
    target = work / f"washed.{form}"
    own = [
        f"original.c{place} as {sql_identifier(header)}"
        for place, header in zip(columns.places, columns.headers, strict=True)
    ]
    # A text of a row is ours, too; what it says of the client's own is said in numbers.
    of_row = {**_OF_ROW, "preg_release": sql_text(release.release_id)}
    ours = {**of_row, **{name: f"shown.{name}" for name in FIELDS}}
    told = [
        f"{safe_cell_sql(each) if form == CSV and name in FIELDS else each} as {name}" for name, each in ours.items()
    ]
    query = (
        f"select {', '.join([*own, *told])} from original"
        " inner join matched on original.rowid = matched.row"
        " left join changed on original.rowid = changed.row"
        " left join shown on matched.nin = shown.nin"
        " order by original.rowid"
    )
    if form == EXCEL:
        _write_excel(connection, query, target)
    elif form == PARQUET:
        connection.execute(f"copy ({query}) to {sql_text(target)} (format parquet, compression zstd)")
    else:
        separator = source.separator or ";"
        connection.execute(
            f"copy ({query}) to {sql_text(target)} (format csv, header, delimiter {sql_text(separator)})"
        )
        if source.has_mark:
            _put_mark(target)
    return target


def _put_mark(file: Path) -> None:
    """Begin a file with the mark that says UTF-8, as the client's own began with one."""
    marked = file.with_name(f"{file.name}.marked")
    with file.open("rb") as stream, marked.open("wb") as out:
        out.write(b"\xef\xbb\xbf")
        shutil.copyfileobj(stream, out, CHUNK)
    marked.replace(file)


def _write_excel(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    ((rows,),) = connection.execute("select count(*) from original").fetchall()
    if rows >= _MOST_ROWS_OF_EXCEL:
        raise PregError(
            f"{rows:,} rows do not fit in a sheet of Excel", todo="ask for CSV or Parquet, or send the file in parts"
        )
    widths = connection.execute(f"select max(length(columns(*)::varchar)) from ({query})").fetchall()[0]
    if max((width or 0 for width in widths), default=0) > _LONGEST_CELL_OF_EXCEL:
        raise PregError(
            f"a cell has more than {_LONGEST_CELL_OF_EXCEL:,} letters, which Excel cannot hold",
            todo="ask for CSV or Parquet",
        )
    found = connection.execute(query)
    headers = [str(column[0]) for column in found.description or ()]
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "tmpdir": str(file.parent),
    }
    with xlsxwriter.Workbook(str(file), options) as book:
        book.set_properties({"created": _NO_TIME})
        sheet = book.add_worksheet("preg")
        sheet.write_row(0, 0, headers)
        number = 0
        while batch := found.fetchmany(_ROWS_AT_A_TIME):
            for row in batch:
                number += 1
                for place, value in enumerate(row):
                    if value is not None:
                        sheet.write_string(number, place, str(value))
