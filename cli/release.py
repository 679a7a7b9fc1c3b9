"""`preg release`: what is published, and what is done with it afterwards."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.console import console, line
from cli.listing import FormOption, ListForm
from cli.options import DataOption
from foundation.settings import Settings

app = typer.Typer(
    help="Releases: list, show, diff, verify; promote, roll back, withdraw.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ReleaseArgument = Annotated[str, typer.Argument(help="The release, as preg release list names it, or current.")]
ApproverOption = Annotated[str, typer.Option("--approver", help="Your name; kept with the release.")]
ConfirmedOption = Annotated[
    int | None,
    typer.Option(
        "--confirm-protected",
        metavar="N",
        help="So many persons who are protected today are to be seen again; the refusal says how many.",
    ),
]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, kept; nothing about a person.")]


@app.command("list")
def list_command(form: FormOption = ListForm.TABLE, data: DataOption = None) -> None:
    """The releases, the current one marked, and what was done with them."""
    from cli.release_view import show_audit_log
    from cli.summary import show_releases

    settings = Settings.with_given(data_dir=data)
    show_releases(settings, form)
    if form is ListForm.TABLE:
        show_audit_log(settings)


@app.command()
def show(release: ReleaseArgument = "current", data: DataOption = None) -> None:
    """A release: what it was made from and by, its tables, its checks, who approved it."""
    from cli.release_view import show_release

    show_release(Settings.with_given(data_dir=data), release)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="The earlier release; left out, the one before AFTER.")] = "",
    after: Annotated[str, typer.Argument(help="The later release.")] = "current",
    detail: Annotated[
        str, typer.Option("--detail", metavar="FIELD", help="Also the persons in whom this field changed: Person.Sn.")
    ] = "",
    rows: Annotated[int, typer.Option("--rows", help="How many persons with --detail.")] = 20,
    data: DataOption = None,
) -> None:
    """How many persons and which fields changed between two releases; masked examples with --detail."""
    from cli.release_view import show_diff

    show_diff(Settings.with_given(data_dir=data), before, after, detail, rows)


@app.command()
def verify(
    release: ReleaseArgument = "current",
    everything: Annotated[bool, typer.Option("--all", help="Every release.")] = False,
    data: DataOption = None,
) -> None:
    """Compare the files of a release with the checksums of its manifest, and the manifest with its signature."""
    from cli.release_view import show_verified

    show_verified(Settings.with_given(data_dir=data), None if everything else release)


@app.command()
def promote(
    release: Annotated[str, typer.Argument(help="The release; left out, the candidate that waits for approval.")] = "",
    approver: ApproverOption = "",
    why: WhyOption = "",
    confirmed: ConfirmedOption = None,
    data: DataOption = None,
) -> None:
    """Publish the candidate that waits for approval, or make a release current that is not.

    A candidate that was published and rolled back is made current again, as the release that it became.
    """
    from foundation.writer_lock import writer_lock
    from orchestration.release.publishing import promote_candidate, release_of_candidate
    from publication.store.exposure import refuse_exposure
    from publication.store.release import find_release, make_current

    approval = _approval(approver, why)
    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings):
        chosen = find_release(settings, release) if release else release_of_candidate(settings)
        if chosen is not None:
            refuse_exposure(settings, chosen, confirmed)
            make_current(settings, chosen, "promoted", approval)
            console.print(line("current    ", chosen.release_id))
        else:
            published = promote_candidate(settings, approval)
            console.print(line("published  ", published.release_id))


@app.command()
def rollback(
    release: Annotated[str, typer.Argument(help="The release to go back to; left out, the one before.")] = "",
    approver: ApproverOption = "",
    why: WhyOption = "",
    confirmed: ConfirmedOption = None,
    data: DataOption = None,
) -> None:
    """Make an earlier release current again; nothing is published automatically until something is promoted.

    It is searched with today's protection first, and refused where it would show who has been protected since.
    """
    from foundation.writer_lock import writer_lock
    from publication.store.exposure import refuse_exposure
    from publication.store.release import find_release, make_current, release_before

    approval = _approval(approver, why)
    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings):
        chosen = find_release(settings, release) if release else release_before(settings)
        refuse_exposure(settings, chosen, confirmed)
        make_current(settings, chosen, "rolled back", approval)
    console.print(line("current    ", chosen.release_id))
    console.print("Nothing is published automatically until a release is promoted: preg release promote")


@app.command()
def clean(
    release: Annotated[str, typer.Argument(help="The older release.")],
    approver: ApproverOption = "",
    why: WhyOption = "",
    data: DataOption = None,
) -> None:
    """Publish a copy of an older release in which anyone who is protected today is hidden."""
    from foundation.writer_lock import writer_lock
    from orchestration.release.publishing import clean_release

    approval = _approval(approver, why)
    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings):
        published = clean_release(settings, release, approval)
    console.print(line("published  ", published.release_id))


@app.command()
def contract(data: DataOption = None) -> None:
    """Print the contract of the views as the current release has them (publication/candidate/view_contract.csv)."""
    from cli.current_release import current
    from publication.candidate.view_contract import as_csv, columns_of

    typer.echo(as_csv(columns_of(current(Settings.with_given(data_dir=data)))), nl=False)


@app.command()
def lineage(data: DataOption = None) -> None:
    """Print where every published column comes from, by the last build (publication/reports/column_lineage.csv)."""
    from orchestration.dbt.column_lineage import lineage_of_build

    typer.echo(lineage_of_build(Settings.with_given(data_dir=data)), nl=False)


@app.command()
def prune(data: DataOption = None) -> None:
    """Withdraw what is older than PREG_KEEP_RELEASES keeps (a publication does so too)."""
    from foundation.writer_lock import writer_lock
    from publication.store.retention import prune as prune_releases

    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings):
        withdrawn = prune_releases(settings)
    console.print(f"{len(withdrawn)} releases withdrawn")


def _approval(approver: str, why: str):  # type: ignore[no-untyped-def]
    from publication.store.release import Approval

    if not approver.strip():
        raise typer.BadParameter("say who you are", param_hint="--approver")
    if not why.strip():
        raise typer.BadParameter("say why", param_hint="--why")
    return Approval(approver.strip(), why.strip())


@app.command()
def withdraw(
    releases: Annotated[list[str] | None, typer.Argument(help="The releases, as preg release list names them.")] = None,
    why: Annotated[str, typer.Option("--why", help="The reason, kept with the record; nothing about a person.")] = "",
    older: Annotated[bool, typer.Option("--older", help="All that are older than the current one.")] = False,
    even_current: Annotated[
        bool, typer.Option("--even-current", help="The current one too; then there is none until the next.")
    ] = False,
    approver: ApproverOption = "",
    data: DataOption = None,
) -> None:
    """Remove the content of releases for good; a record stays of what was withdrawn, when and why."""
    from foundation.writer_lock import writer_lock
    from publication.store.withdrawal import older_than_current
    from publication.store.withdrawal import withdraw as withdraw_releases

    if bool(releases) == older:
        raise typer.BadParameter("name the releases, or say --older", param_hint="releases")
    if not why.strip():
        raise typer.BadParameter("a withdrawal has a reason", param_hint="--why")
    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings):
        chosen = older_than_current(settings) if older else list(releases or [])
        records = withdraw_releases(settings, chosen, why.strip(), even_current=even_current, by=approver.strip())
    for record in records:
        console.print(line("withdrawn  ", record.release_id))
    if not records:
        console.print("There is no release older than the current one.")
