"""`preg profile`: what a kind of client may receive, and its release."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.console import console, line
from cli.listing import FormOption, ListForm, show_list
from cli.options import DataOption
from foundation.settings import Settings

app = typer.Typer(help="Access profiles: who receives what.", no_args_is_help=True, pretty_exceptions_enable=False)

ProfileArgument = Annotated[str, typer.Argument(help="The profile, as preg profile list names it.")]


@app.command("list")
def list_command(form: FormOption = ListForm.TABLE, data: DataOption = None) -> None:
    """The profiles: for whom, by which right, how much is withheld."""
    from publication.access.access_profile import read_access_profiles

    rows = [
        {
            "profile": profile.name,
            "for": profile.file.title,
            "legal_basis": profile.file.legal_basis,
            "fields_withheld": len(profile.withheld),
            "history": profile.file.history,
            "protection": profile.file.protected,
        }
        for profile in read_access_profiles(Settings.with_given(data_dir=data))
    ]
    show_list(rows, ("profile", "for", "legal_basis", "fields_withheld", "history", "protection"), form)


@app.command()
def explain(
    profile: ProfileArgument,
    field: Annotated[str, typer.Argument(help="The field: Person.DufNo, DufNo or duf_no.")],
    data: DataOption = None,
) -> None:
    """Why a client of a profile receives a field, or does not."""
    from publication.access.access_profile import find_access_profile

    found = find_access_profile(Settings.with_given(data_dir=data), profile)
    explanation = found.explain(field)
    received = "received" if explanation.received else "blank"
    console.print(line(explanation.field, f": {received} (", found.file.title, "; ", found.file.basis, ")"))
    console.print(line("  why  ", explanation.why))


@app.command()
def write(
    profiles: Annotated[list[str] | None, typer.Argument(help="The profiles; left out, all of them.")] = None,
    release: Annotated[str, typer.Option("--release", help="The release, or current.")] = "current",
    data: DataOption = None,
) -> None:
    """Write the release of a profile: the same tables, blank where nothing may be received."""
    from publication.access.access_profile import find_access_profile, read_access_profiles
    from publication.access.profile_release import write_profile_release
    from publication.store.release import check_database, find_release

    settings = Settings.with_given(data_dir=data)
    chosen = find_release(settings, release)
    check_database(chosen, settings)
    found = [find_access_profile(settings, name) for name in profiles or []] or read_access_profiles(settings)
    for profile in found:
        written = write_profile_release(settings, chosen, profile)
        console.print(line(profile.name, f": {written.rows['preg_person']:,} persons in ", written.folder))
