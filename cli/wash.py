"""`preg wash`: a register of somebody's own, given back with who each row is in a release."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cli.console import console, line, value
from cli.current_release import current
from cli.options import DataOption
from cli.output import refuse_no_file, refuse_own_files
from foundation.database import machine_failures
from foundation.errors import PregError
from foundation.files import flush_to_disk, write_json
from foundation.settings import Settings

_FORMS = {".csv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".parquet": "parquet"}


def wash(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The file: CSV, Excel (.xlsx) or Parquet.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The washed file: .csv, .xlsx or .parquet.")],
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="Which column says what, where its header does not: number=HEADER; repeatable."),
    ] = None,
    previous: Annotated[
        Path | None, typer.Option("--previous", help="An earlier washed file, to tell what has changed since.")
    ] = None,
    profile: Annotated[
        str, typer.Option("--profile", help="The access profile whose fields are given.")
    ] = "helseforetak",
    release: Annotated[str, typer.Option("--release", help="The release, or current.")] = "current",
    report: Annotated[Path | None, typer.Option("--report", help="File for the report (JSON).")] = None,
    why: Annotated[str, typer.Option("--why", help="The purpose, kept in the access log.")] = "preg wash",
    data: DataOption = None,
) -> None:
    """Wash a register: the same file with who each row is, what the register has of the person, and what has changed.

    Whom the result discloses is in the access log first.
    """
    # Slow to import.
    from publication.access.access_profile import find_access_profile
    from publication.store.look_ups import who
    from publication.store.release import check_database, find_release
    from serving.access.access_log import AccessLog
    from serving.filematch.wash import Asked, Register
    from serving.filematch.wash import wash as wash_file
    from serving.settings import WashSettings

    settings = Settings.with_given(data_dir=data)
    form = _FORMS.get(out.suffix.lower())
    if form is None:
        raise PregError("the result has no form that is known", where=str(out), todo=f"end it with {', '.join(_FORMS)}")
    for given in (source, *([previous] if previous else [])):
        if not given.is_file():
            raise PregError("there is no such file", where=str(given), todo="name a CSV, Excel or Parquet file")
    for written in (out, *([report] if report else [])):
        refuse_own_files(settings, written)
        refuse_no_file(written)
    found = current(settings) if release == "current" else find_release(settings, release)
    check_database(found, settings)
    register = Register(settings, found, find_access_profile(settings, profile))
    with machine_failures(str(out)):
        out.parent.mkdir(parents=True, exist_ok=True)
        # Beside the result, which is renamed into its place when it is whole.
        work = Path(tempfile.mkdtemp(prefix=".preg-wash-", dir=out.parent))
    log = AccessLog(settings)

    def disclosed(asked: Iterator[tuple[str, list[str]]]) -> None:
        for outcome, numbers in asked:
            log.write(
                client=f"local:{who()}",
                interface="command",
                operation="wash",
                numbers=numbers,
                outcome=outcome,
                purpose=why,
                release_id=found.release_id,
            )

    try:
        asked = Asked(source, _said(column or []), previous, form)
        washed, told = wash_file(register, WashSettings(), asked, work, disclosed)
        with machine_failures(str(out)):
            washed.chmod(0o600)
            flush_to_disk(washed)
            washed.replace(out)
            if report is not None:
                write_json(report, told.as_json())
    finally:
        log.close()
        shutil.rmtree(work, ignore_errors=True)
    for text in told.as_text().splitlines():
        console.print(value(text))
    console.print(line("washed  ", value(out, "bold")))


def _said(given: list[str]) -> dict[str, str]:
    said = {}
    for each in given:
        role, is_one, header = each.partition("=")
        if not is_one or not header:
            raise PregError(
                "a column is given as role=header", where=f"--column {each}", todo="as: --column number=Fnr"
            )
        said[role.strip()] = header
    return said
