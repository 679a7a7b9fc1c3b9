"""`preg quarantine`: what did not fit, why, and trying again."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.console import ConsoleListener, console, line, value
from cli.listing import FormOption, ListForm, show_list
from cli.options import DataOption, LandingOption
from foundation.errors import PregError
from foundation.settings import Settings
from ingest.contracts.sources import SOURCES

app = typer.Typer(
    help="Documents that did not fit: what, why, and trying again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command("list")
def list_(form: FormOption = ListForm.TABLE, data: DataOption = None) -> None:
    """What is in quarantine, by delivery and reason."""
    from foundation.writer_lock import writer_lock
    from ingest.quarantine import list_quarantine

    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings):
        kinds = list_quarantine(settings)
    if not kinds and form is ListForm.TABLE:
        console.print("Nothing is in quarantine.")
        return
    rows = [
        {
            "delivery": f"{kind.source}/{kind.delivery_id}",
            "reason": kind.reason_code,
            "documents": kind.documents,
            "first": kind.where,
            "why": kind.reason,
        }
        for kind in kinds
    ]
    show_list(rows, ("delivery", "reason", "documents", "first", "why"), form)
    if form is ListForm.TABLE:
        console.print(
            "one delivery: preg quarantine show SOURCE/DELIVERY; after the cause is corrected: preg quarantine retry"
        )


@app.command()
def show(
    delivery: Annotated[str, typer.Argument(help="The delivery, SOURCE/ID.")],
    place: Annotated[str, typer.Argument(help="A file of it, or FILE:LINE.")] = "",
    data: DataOption = None,
    documents: Annotated[int, typer.Option("--documents", help="How many documents to show.")] = 20,
) -> None:
    """The documents of a delivery that are in quarantine: place, reason, shape; never their values."""
    from foundation.writer_lock import writer_lock
    from ingest.quarantine import show_quarantine

    source, _, delivery_id = delivery.partition("/")
    file_name, _, number = place.partition(":")
    if number and not number.isdecimal():
        raise typer.BadParameter("the line is not a number", param_hint="place")
    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings):
        found = show_quarantine(settings, source, delivery_id, file_name or None, int(number) if number else None)
    if not found:
        raise PregError("nothing of this is in quarantine", where=f"{delivery} {place}".strip(), todo="see the list")
    for document in found[:documents]:
        console.print(line(value(f"{document.file_name}:{document.line_number}", "bold"), " ", document.reason_code))
        console.print(line("  ", document.reason))
        sequence = document.sequence_number if document.sequence_number is not None else "unknown"
        console.print(line("  sequence number ", sequence, ", person ", document.person or "unknown"))
        if len(found) == 1:
            for each in document.shape.splitlines():
                console.print(value(each))
    if len(found) > documents:
        console.print(f"… and {len(found) - documents:,} more (--documents)")


@app.command()
def retry(
    source: Annotated[str, typer.Argument(help="Only deliveries of this source.")] = "",
    landing: LandingOption = None,
    data: DataOption = None,
) -> None:
    """Load again, by the contract as it is now, what had documents in quarantine or unknown elements known by now."""
    from foundation.writer_lock import writer_lock
    from ingest.quarantine import retry_quarantine
    from orchestration.landing.loading import announcing
    from orchestration.progress import listening

    if source and source not in SOURCES:
        raise typer.BadParameter(f"one of {', '.join(SOURCES)}", param_hint="source")
    settings = Settings.with_given(landing_dir=landing, data_dir=data)
    with ConsoleListener() as listener, writer_lock(settings, on_wait=listener.note), listening(listener):
        retried = retry_quarantine(settings, [source] if source else [], announcing("load again"))
    if not retried:
        raise PregError("there is nothing to try again", todo="preg quarantine list shows what there is")
    for each in retried:
        console.print(
            line(
                "  ",
                "/".join(each.delivery.key),
                f": {each.before:,} were in quarantine, {each.counts.quarantined:,} are now",
            )
        )
    console.print("A release with what came out of it: preg run")


@app.command("retry-delivery")
def retry_delivery(
    delivery: Annotated[str, typer.Argument(help="The delivery that was set aside, SOURCE/ID.")],
    data: DataOption = None,
) -> None:
    """Try a delivery once more that was set aside because processes crashed while loading it."""
    from foundation.writer_lock import writer_lock
    from ingest.load_attempts import reset_crashes

    settings = Settings.with_given(data_dir=data)
    with writer_lock(settings):
        reset_crashes(settings, delivery)
    console.print("It is loaded again by the next run: preg run")
