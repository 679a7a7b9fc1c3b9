"""Which persons an extract of a part of the register (`uttrekk/tilpasset`) is to have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.freg.failures import ImpossibleSelection


@dataclass(frozen=True)
class Selection:
    """Criteria that a person meets all of; what is empty or None selects nothing out.

    statuses: one of these (`bosatt`, …). residence, stay: the kommune of bostedsadresse or of oppholdsadresse; Freg
    selects by one of them. born, died: first and last year; None for an open end. gender, citizenship, civil_status: as
    Freg's codes have them. Raises `ImpossibleSelection`.
    """

    statuses: Sequence[str] = ()
    residence: str = ""
    stay: str = ""
    born: tuple[int | None, int | None] = (None, None)
    died: tuple[int | None, int | None] = (None, None)
    gender: str = ""
    citizenship: str = ""
    civil_status: str = ""

    def __post_init__(self) -> None:
        if self.residence and self.stay:
            raise ImpossibleSelection(
                "Freg selects by the kommune of the residence or of the stay, not by both",
                where="uttrekk/tilpasset",
                todo="give one of them, or order two extracts",
            )
        for years in (self.born, self.died):
            first, last = years
            if first is not None and last is not None and first > last:
                raise ImpossibleSelection(
                    f"the years {first} to {last} are none",
                    where="uttrekk/tilpasset",
                    todo="give the first year before the last",
                )
        if not self.body():
            raise ImpossibleSelection(
                "a selection without a criterion is the whole register",
                where="uttrekk/tilpasset",
                todo="give a criterion, or order the whole register (uttrekk/komplett)",
            )

    def body(self) -> dict[str, Any]:
        """The criteria as Freg's interface names them."""
        kommune = {"bostedskommunenummer": self.residence, "oppholdskommunenummer": self.stay}
        criteria = {
            "personstatustyper": list(self.statuses),
            "kommunenummer": {name: number for name, number in kommune.items() if number},
            "foedselsaarFraOgMed": self.born[0],
            "foedselsaarTilOgMed": self.born[1],
            "doedsaarFraOgMed": self.died[0],
            "doedsaarTilOgMed": self.died[1],
            "kjoenn": self.gender,
            "statsborgerskap": self.citizenship,
            "sivilstandstype": self.civil_status,
        }
        return {name: value for name, value in criteria.items() if value or value == 0}
