"""A name may hold markup, escape sequences, marks that turn the line, or a formula: it is shown, and does nothing."""

from __future__ import annotations

import csv
import datetime as dt
import json
import zipfile
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import duckdb
import pytest

from cli import gate as gate_command
from cli import query as query_command
from cli.console import console, errors, show_error
from cli.overview import show as show_overview
from cli.query import Form, answer
from cli.release_view import show_audit_log, show_diff
from cli.signoff import signoff
from cli.summary import show_as_of
from foundation.database import sql_text
from foundation.errors import PregError
from foundation.settings import Settings
from foundation.spreadsheet import safe_cell
from operations.log import open_log
from publication.reports.delivery_overview import Entry
from publication.reports.migration.facts import migration_facts
from publication.reports.migration.page_files import write_pages
from publication.reports.overview_files import write_overview_files
from publication.reports.signoff import Signoff
from publication.store.audit_log import AuditEntry, write_audit_entry
from quality.masked_rows import failing_rows
from tests.support.releases import small_release

NUMBER = "17858012345"
HOSTILE = [
    "[/bold] Kari",
    "[link=http://evil.example]Kari[/link]",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %}",
    "**Kari** [Ola](http://evil.example)",
    '=HYPERLINK("http://evil.example";"Kari")',
    "+47|calc",
    "-2+3|calc",
    "@SUM(1)",
    "\t=1+1",
    "\x1b[2J\x1b]8;;http://evil.example\x07Kari",
    "Kari\u202egnp.exe",
    "Kari\u2066\u200b\u200fOla",
    "Kari\r\nOla",
    ":smile: Kari",
]
# What acts on a terminal or turns a line around; a line end is what every line has.
ACTIVE = set("\x1b\x07\x08\r\x9b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f")


def as_shown(text: str) -> str:
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def _person(name: str) -> tuple[str, ...]:
    return (
        f"create table preg_person as select '{NUMBER}' as nin, {sql_text(name)} as sn",
        f"create table preg_address as select '{NUMBER}' as nin, true as current_address, {sql_text(name)} as co",
        f"create table person_number as select '{NUMBER}' as number, '{NUMBER}' as nin",
        "create table field_comparison_summary as select 'preg_persontjenesten' as pair, 'Person' as entity,"
        " 'sn' as field, 300 as compared, 297 as equal",
        "create macro preg_state_as_of(shown_on) as table select nin, nin as person_nin from preg_person",
        "create macro preg_person_as_of(shown_on) as table select * from preg_person",
        "create macro preg_address_as_of(shown_on) as table select *, null::date as date_adr_from,"
        " null as postal_address from preg_address",
    )


@pytest.fixture(params=HOSTILE)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What a terminal is sent, by both consoles."""
    sent = StringIO()
    for each in (console, errors):
        monkeypatch.setattr(each, "_file", sent)
    return sent


def _is_harmless(screen: StringIO) -> str:
    text = screen.getvalue()
    assert text
    assert not ACTIVE & set(text), ascii(text)
    return text


def test_the_terminal_shows_a_name_as_it_is(name: str, settings: Settings, screen: StringIO) -> None:
    small_release(settings, "20260105T030000Z-aaaaaaaa", *_person(name))
    answer(settings, "select sn from preg_person", Form.TABLE, rows=5, out=None)
    assert as_shown(name) in _is_harmless(screen)
    screen.truncate(0)
    show_as_of(settings, dt.date(2026, 1, 5), NUMBER)
    assert _is_harmless(screen).count(as_shown(name)) == 2
    screen.truncate(0)
    answer(settings, f"select 1 as {json.dumps(name)}" if '"' not in name else "select 1", Form.TABLE, rows=5, out=None)
    _is_harmless(screen)
    show_error(PregError(f"of {name}", where=name, todo=name))
    _is_harmless(screen)


def test_a_csv_on_the_terminal_sends_it_nothing_but_letters(
    name: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_release(settings, "20260105T030000Z-aaaaaaaa", *_person(name))
    for form in (Form.CSV, Form.JSON):
        terminal = StringIO()
        terminal.isatty = lambda: True  # type: ignore[method-assign]
        with monkeypatch.context() as patched:
            patched.setattr(query_command.sys, "stdout", terminal)
            answer(settings, "select sn from preg_person", form, rows=5, out=None)
        _is_harmless(terminal)


def test_a_spreadsheet_executes_nothing_and_programs_read_the_name_exactly(
    name: str, settings: Settings, screen: StringIO, tmp_path: Path
) -> None:
    small_release(settings, "20260105T030000Z-aaaaaaaa", *_person(name))
    out = {form: tmp_path / f"answer.{form}" for form in (Form.CSV, Form.JSON, Form.PARQUET)}
    for form, file in out.items():
        answer(settings, "select sn, '-5' as below, '+47,5' as above from preg_person", form, rows=5, out=file)
    with out[Form.CSV].open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["sn"] == safe_cell(name)
    assert row["sn"][0] not in "=+-@\t\r"
    assert row["sn"].removeprefix("'") == name
    assert (row["below"], row["above"]) == ("-5", "+47,5")
    assert json.loads(out[Form.JSON].read_text(encoding="utf-8"))[0]["sn"] == name
    ((kept,),) = duckdb.sql(f"select sn from read_parquet('{out[Form.PARQUET]}')").fetchall()
    assert kept == name


def test_differences_and_rows_behind_a_check_show_a_shape_that_does_nothing(
    name: str, settings: Settings, screen: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_release(settings, "20260104T030000Z-aaaaaaaa", *_person("Olsen"))
    folder = small_release(settings, "20260105T030000Z-bbbbbbbb", *_person(name))
    show_diff(settings, "", "current", "preg_person.sn", 20)
    assert "Kari" not in _is_harmless(screen)
    with pytest.raises(PregError, match="no field of persons"):
        show_diff(settings, "", "current", "preg_person.sn) as x, (select 1", 20)
    with pytest.raises(PregError, match="no field of persons"):
        show_diff(settings, "", "current", "[/x].sn", 20)
    rows = failing_rows(settings, folder / "preg.duckdb", "select nin, sn, sn as st from preg_person").rows
    assert not ACTIVE & set(str(rows))
    assert "Kari" not in rows[0]["sn"]
    screen.truncate(0)
    result = SimpleNamespace(name="check", rows="select nin, sn from preg_person", sample=[name], about="preg_person")
    monkeypatch.setattr(gate_command, "_results", lambda _: [result])
    monkeypatch.setattr(
        "publication.candidate.candidate.read_candidate", lambda _: SimpleNamespace(database=folder / "preg.duckdb")
    )
    gate_command.rows("check", data=settings.data_dir)
    assert "Kari" not in _is_harmless(screen)
    result.rows = ""
    gate_command.rows("check", data=settings.data_dir)
    assert as_shown(name) in _is_harmless(screen)


def test_what_a_person_signs_with_stays_readable_for_ever(name: str, settings: Settings, screen: StringIO) -> None:
    small_release(settings, "20260105T030000Z-aaaaaaaa", *_person("Olsen"))
    signoff("Person.sn", name=name, note="n", pair="preg_persontjenesten", data=settings.data_dir)
    signoff(None, data=settings.data_dir)
    assert as_shown(name.strip()) in _is_harmless(screen)
    screen.truncate(0)
    write_audit_entry(
        settings, AuditEntry("2026-01-05T03:00:00Z", "promoted", "20260105T030000Z-aaaaaaaa", name, name, "")
    )
    show_audit_log(settings)
    show_overview(settings.data_dir)
    _is_harmless(screen)


def test_the_log_shows_a_name_and_stays_a_line(name: str, settings: Settings) -> None:
    open_log(settings).info("reported", what=name, of=[name])
    text = (settings.logs_dir / "preg.log").read_text(encoding="utf-8")
    assert not ACTIVE & set(text)
    (line,) = text.splitlines()
    assert json.loads(line)["event"] == "reported"


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(page: Path) -> _Elements:
    elements = _Elements()
    elements.feed(page.read_text(encoding="utf-8"))
    return elements


def _overview(name: str, folder: Path) -> _Elements:
    moment = dt.datetime(2026, 1, 5, 3, 0)
    entry = Entry("incident", moment, None, "2026-01-05 04:00", release_id="r", done_by=name, note=name)
    write_overview_files([entry], folder, dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    ElementTree.parse(folder / "publications.atom")  # noqa: S314  our own
    return _read(folder / "publications.html")


def test_a_page_shows_a_name_as_text(name: str, tmp_path: Path) -> None:
    plain, hostile = _overview("Kari", tmp_path / "plain"), _overview(name, tmp_path / "hostile")
    assert hostile.found == plain.found
    assert as_shown(name) in hostile.text
    assert not ACTIVE & set(hostile.text)


_CATALOGUE_COLUMNS = [
    "system",
    "entity",
    "field",
    "type",
    "in_preg",
    "in_freg",
    "in_persontjenesten",
    "preg_field",
    "preg_type",
    "freg_path",
    "freg_type",
    "persontjenesten_path",
    "persontjenesten_type",
    "rule",
    "client_action",
    "comment",
    "comment_no",
    "basis",
    "client_steps",
]


def _migration_database(name: str, file: Path) -> None:
    values = {column: sql_text(name) for column in _CATALOGUE_COLUMNS}
    values |= {"system": "'PREG'", "entity": "'Person'", "field": "'Gender'", "in_preg": "true", "in_freg": "true"}
    values |= {"in_persontjenesten": "true"}
    mapping = {
        "preg_entity": "Person",
        "preg_field": "Gender",
        "column_name": "gender",
        "compare_rule": "code",
        "build_rule": "code_list",
    }
    others = ("follows_from", "persontjenesten_path", "freg_path", "comment_no", "comment_en", "basis")
    others += ("source", "persontjenesten_basis", "persontjenesten_source")
    summary = ", ".join(f"0 as {kind}" for kind in _kinds()) + ", 0 as both_blank, 1 as causes"
    with duckdb.connect(str(file)) as connection:
        for statement in (
            f"create table field_catalogue as select {', '.join(f'{text} as {each}' for each, text in values.items())}",
            "create table field_mapping as select "
            + ", ".join([*(f"'{text}' as {each}" for each, text in mapping.items()), *(f"'' as {o}" for o in others)]),
            "create table field_comparison_summary as select 'preg_persontjenesten' as pair, 'Person' as entity,"
            f" 'gender' as field, 2 as compared, 1 as equal, 1 as different, 0 as equal_after_rule, {summary}",
            "create table field_comparison_by_class (pair varchar, entity varchar, field varchar, person_class varchar,"
            " compared int, causes int)",
            "create table field_comparison_trend (release_id varchar, published_at timestamp, pair varchar,"
            " entity varchar, field varchar, both_blank int, causes int, equal int)",
            "create table field_comparison_change (pair varchar, entity varchar, field varchar, change varchar,"
            " difference_kind varchar, kind_before varchar)",
            "create table field_comparison_differences as select 'preg_persontjenesten' as pair,"
            f" '{NUMBER}' as nin, 'Person' as entity, 'gender' as field, '1' as left_value,"
            f" {sql_text(name)} as right_value, 'code_list' as difference_kind, null as caused_by",
            "create table code_list as select '1' as code",
            "create table landkode as select '578' as ssb_landkode",
        ):
            connection.execute(statement)


def _kinds() -> tuple[str, ...]:
    from publication.reports.migration.facts import KINDS

    return KINDS


def test_the_migration_page_shows_no_free_text_where_a_code_belongs(name: str, tmp_path: Path) -> None:
    database = tmp_path / "preg.duckdb"
    _migration_database(name, database)
    signed = Signoff("preg_persontjenesten", "Person", "gender", name, "2026-01-05", name, "r", 2, 1)
    release = {"id": "r", "publishedAt": "2026-01-05T03:00:00Z"}
    facts = migration_facts(database, release, "key", {signed.key: signed}, [])
    (example,) = facts["examples"]["preg_persontjenesten"]["Person.gender"]
    assert (example["left"], example["right"]) == ("1", "(a value that the list does not have)")
    write_pages(facts, database, tmp_path)
    # The facts are one element's text; nothing in them ends it.
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    inside = text.split('id="facts">', 1)[1].split("</script>", 1)[0]
    reported = json.loads(inside)
    assert reported["signoffs"][0]["name"] == reported["signoffs"][0]["note"] == as_shown(name)
    assert not ACTIVE & set(json.dumps([reported["signoffs"], reported["examples"]], ensure_ascii=False))
    with (tmp_path / "field_catalogue.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["comment"] == safe_cell(name)
    with zipfile.ZipFile(tmp_path / "field_catalogue.xlsx") as workbook:
        sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
        assert not [each for each in workbook.namelist() if "rels" in each and "sheet" in each]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower()


def test_no_page_puts_data_in_as_markup() -> None:
    folder = Path(__file__).parents[2] / "publication"
    for script in folder.rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in text, script
    # Templates are made in one place, which escapes.
    makers = [file.name for file in folder.rglob("*.py") if "Environment(" in file.read_text(encoding="utf-8")]
    assert makers == ["pages.py"]
