"""`preg client`: who may ask PREG's services."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from cli.console import console, line
from cli.listing import FormOption, ListForm, show_list
from cli.options import DataOption, command
from foundation.settings import Settings
from publication.store.look_ups import who

app = typer.Typer(help="Clients of the services: who may ask.", no_args_is_help=True, pretty_exceptions_enable=False)

UserName = Annotated[str, typer.Argument(help="The client's user name.")]
_SHOWN = (
    *("user_name", "state", "organisation", "member_type", "profile", "may_requisition"),
    *("valid_from", "valid_to", "contact_email"),
)

Organisation = Annotated[str, typer.Option("--organisation", help="The member's name.")]
Number = Annotated[str, typer.Option("--organisation-number", help="Nine digits.")]
ContactName = Annotated[str, typer.Option("--contact-name", help="The contact person.")]
ContactEmail = Annotated[str, typer.Option("--contact-email", help="The contact person's address.")]
MemberType = Annotated[str, typer.Option("--member-type", help="helseforetak, fastlege, apotek, kommune, …")]
Profile = Annotated[str, typer.Option("--profile", help="The access profile: preg profile list.")]
Purpose = Annotated[str, typer.Option("--purpose", help="What the client asks for; it is kept with each look-up.")]
ValidFrom = Annotated[
    dt.datetime | None, typer.Option("--valid-from", formats=["%Y-%m-%d"], help="Today, if not given.")
]
ValidTo = Annotated[
    dt.datetime | None, typer.Option("--valid-to", formats=["%Y-%m-%d"], help="In a year, if not given.")
]
MayRequisition = Annotated[
    bool, typer.Option("--may-requisition", help="It may have common help numbers issued, change and link them.")
]
TermsAccepted = Annotated[bool, typer.Option("--terms-accepted", help="The client has accepted the terms.")]


@app.command()
def order(
    user_name: UserName,
    organisation: Organisation,
    organisation_number: Number,
    contact_name: ContactName,
    contact_email: ContactEmail,
    member_type: MemberType,
    profile: Profile,
    purpose: Purpose,
    valid_from: ValidFrom = None,
    valid_to: ValidTo = None,
    may_requisition: MayRequisition = False,
    data: DataOption = None,
) -> None:
    """Enter what a member orders; it may not ask before somebody else has approved it."""
    from serving.access.clients import Client, order_client

    now = dt.datetime.now(dt.UTC)
    begins = (valid_from or now).date()
    client = Client(
        user_name=user_name,
        organisation=organisation,
        organisation_number=organisation_number,
        contact_name=contact_name,
        contact_email=contact_email,
        member_type=member_type,
        profile=profile,
        purpose=purpose,
        state="ordered",
        valid_from=begins.isoformat(),
        valid_to=(valid_to.date() if valid_to else begins + dt.timedelta(days=365)).isoformat(),
        ordered_by=who(),
        may_requisition=may_requisition,
    )
    order_client(Settings.with_given(data_dir=data), client, now)
    console.print(line(user_name, " is ordered. Somebody else approves it:"))
    console.print(line("  ", command(f"preg client approve {user_name} --terms-accepted --by NAME")))


@app.command()
def approve(
    user_name: UserName,
    by: Annotated[str, typer.Option("--by", help="Who approves; the system's user if not given.")] = "",
    terms_accepted: TermsAccepted = False,
    data: DataOption = None,
) -> None:
    """Let a client ask, and show its password once."""
    from serving.access.clients import approve_client

    now = dt.datetime.now(dt.UTC)
    settings = Settings.with_given(data_dir=data)
    _show_password(user_name, approve_client(settings, user_name, by or who(), now, terms_accepted=terms_accepted))


@app.command()
def disable(
    user_name: UserName,
    why: Annotated[str, typer.Option("--why", help="The reason; it is kept.")],
    data: DataOption = None,
) -> None:
    """Let a client ask no more, from its next call on."""
    from serving.access.clients import disable_client

    disable_client(Settings.with_given(data_dir=data), user_name, why, dt.datetime.now(dt.UTC))
    console.print(line(user_name, " may ask no more"))


@app.command()
def rotate(user_name: UserName, data: DataOption = None) -> None:
    """A new password, shown once; the one before is no longer taken."""
    from serving.access.clients import rotate_password

    _show_password(user_name, rotate_password(Settings.with_given(data_dir=data), user_name))


@app.command("list")
def list_command(form: FormOption = ListForm.TABLE, data: DataOption = None) -> None:
    """Every client: its state, profile, and until when it may ask."""
    from serving.access.clients import list_clients

    rows = [
        {name: getattr(client, name) for name in _SHOWN} for client in list_clients(Settings.with_given(data_dir=data))
    ]
    show_list(rows, _SHOWN, form)


@app.command()
def terms() -> None:
    """The terms that a client has to accept."""
    from serving.access.clients import TERMS

    console.print(line(TERMS))


def _show_password(user_name: str, password: str) -> None:
    console.print(line("user name  ", user_name))
    console.print(line("password   ", password))
    console.print(
        line("It is not kept and cannot be shown again. A new one: ", command(f"preg client rotate {user_name}"))
    )
