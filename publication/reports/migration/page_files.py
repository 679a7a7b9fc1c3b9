"""Writing the migration page and the page of all fields, with the field catalogue as CSV and Excel next to them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import vl_convert
import xlsxwriter
from markupsafe import Markup

from foundation.database import sql_identifier, sql_text
from foundation.release import REPORT_PAGE
from foundation.spreadsheet import safe_cell_sql
from publication.reports.pages import page_templates

_CATALOGUE = """
    select * from field_catalogue
    order by case system when 'PREG' then 0 when 'Freg' then 1 else 2 end, entity, field
"""

_WIDEST_COLUMN = 60


def write_pages(facts: dict[str, Any], database: Path, folder: Path) -> None:
    """Write index.html, fields.html, charts.js, field_catalogue.csv and .xlsx into `folder`."""
    pages = page_templates("publication.reports.migration", "page")
    css = _source("page.css")
    (folder / REPORT_PAGE).write_text(
        pages.get_template("index.html").render(
            release_id=facts["release"]["id"],
            css=css,
            facts=_as_json(facts),
            language=_source("../../templates/language.js"),
            texts=_source("texts.js"),
            script=_source("page.js"),
        ),
        encoding="utf-8",
    )
    (folder / "charts.js").write_text(charts(), encoding="utf-8")
    with duckdb.connect(str(database), read_only=True) as connection:
        (folder / "fields.html").write_text(
            pages.get_template("fields.html").render(
                release_id=facts["release"]["id"],
                css=css,
                facts=_as_json(_catalogue_rows(connection)),
                language=_source("../../templates/language.js"),
                script=_source("fields.js"),
            ),
            encoding="utf-8",
        )
        _write_csv(connection, folder / "field_catalogue.csv")
        _write_workbook(connection, folder / "field_catalogue.xlsx")


@cache
def charts() -> str:
    """Vega, Vega-Lite and Vega-Embed in one script, out of the wheel; nothing is fetched. It takes a second, once."""
    return str(vl_convert.javascript_bundle())  # type: ignore[call-arg]  # its stub lacks the default


def _source(name: str) -> Markup:
    """A file of ours, to be put into the page as it is."""
    return Markup(Path(__file__).with_name("page").joinpath(name).read_text(encoding="utf-8"))  # noqa: S704


def _as_json(value: Any) -> Markup:
    """JSON that may be put into a script element: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704


def _catalogue_rows(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    cursor = connection.execute(
        f"""
        select
            system, entity, field, type, in_preg as "inPreg", in_freg as "inFreg", in_persontjenesten as "inPt",
            preg_field as preg, preg_type as "pregType", replace(freg_path, '|', ' | ') as freg,
            freg_type as "fregType", replace(persontjenesten_path, '|', ' | ') as pt,
            persontjenesten_type as "ptType", rule, client_action as action, comment, comment_no as "commentNo", basis
        from ({_CATALOGUE})
        """
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _write_csv(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """The catalogue as CSV; people open it in a spreadsheet."""
    columns = connection.execute(f"describe {_CATALOGUE}").fetchall()
    cells = ", ".join(
        f"{safe_cell_sql(name)} as {name}" if kind == "VARCHAR" else name
        for name, kind in ((sql_identifier(each[0]), each[1]) for each in columns)
    )
    connection.execute(f"copy (select {cells} from ({_CATALOGUE})) to {sql_text(file)} (format csv, header)")


def _write_workbook(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """The catalogue as a worksheet with a filter on every column and the header kept in sight."""
    cursor = connection.execute(_CATALOGUE)
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet("field_catalogue")
        header = workbook.add_format({"bold": True, "bg_color": "#f5f7f9", "border": 1})
        sheet.write_row(0, 0, names, header)
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, ["" if value is None else value for value in row])
        for column, name in enumerate(names):
            widest = max(len(name), *(len(str(row[column] or "")) for row in rows))
            sheet.set_column(column, column, min(widest + 2, _WIDEST_COLUMN))
        sheet.autofilter(0, 0, len(rows), len(names) - 1)
        sheet.freeze_panes(1, 3)
