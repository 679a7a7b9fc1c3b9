"""PREG's codes in Persontjenesten's words, by the code lists of the release that is served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.contracts.numbers import D_NUMBER
from ingest.contracts.tables import rows
from serving.store.read_store import Reader, kept_by_release

# An event that Freg tells nothing of (a person in a full delivery); one whose type the caller does not receive.
POPULATED = "PersonPopulated"
UPDATED = "PersonIsUpdated"

# The letters of a line of PREG's postal address.
_LINE = 30


@dataclass(frozen=True)
class Words:
    """Code list → code → Persontjenesten's word; countries by SSB's code, by name, and others than Norway by the
    name that ends a postal address."""

    lists: dict[str, dict[str, str]]
    alpha3: dict[str, str]
    alpha2: dict[str, str]
    abroad: dict[str, str]

    def word(self, code_list: str, code: Any) -> str | None:
        """Persontjenesten's word for a code; None without a code, or for one that the successor has no word for."""
        return None if code is None else self.lists[code_list].get(str(code))

    def codes(self, code_list: str, word: str) -> list[int]:
        """The codes that a word of Persontjenesten's may stand for."""
        return [int(code) for code, each in self.lists[code_list].items() if each == word]

    def status(self, record: dict[str, Any]) -> str | None:
        """A person's status: who has a D-number and PREG's 1 is Temporary, as PREG had one code for both."""
        if record["reg_status"] == 1 and int(record["nin"][:2]) > D_NUMBER:
            return "Temporary"
        return self.word("RegStatus", record["reg_status"])

    def country_of_ssb_code(self, code: Any) -> str | None:
        """ISO 3166 alpha-3 of SSB's code."""
        return None if code is None else self.alpha3.get(str(code).zfill(3))

    def country_at_end(self, line: str) -> tuple[str, str] | None:
        """The last line of a postal address without the other country it ends with, and the country (alpha-2)."""
        for name, code in self.abroad.items():
            # PREG's lines end after thirty letters, wherever that is in a name.
            begins = line.rfind(f" {name[:3]}")
            if begins > 0 and (
                line[begins + 1 :] == name or (len(line) == _LINE and name.startswith(line[begins + 1 :]))
            ):
                return line[:begins], code
        return None


@kept_by_release
def words_of_release(reader: Reader) -> Words:
    """The words of the release that a reader reads."""
    lists: dict[str, dict[str, str]] = {}
    # Where several of Freg's values became one code, the one that is documented stands for it.
    query = "select * from release.code_list where code is not null order by basis = 'documented' desc, rowid"
    for row in reader.rows(query, {}):
        lists.setdefault(row["code_list"], {}).setdefault(row["code"], row["persontjenesten_value"])
    countries = reader.rows("select * from release.landkode order by rowid", {})
    return Words(
        lists,
        {row["ssb_landkode"]: row["iso_alfa3"] for row in reversed(countries) if row["ssb_landkode"]},
        {row["landnavn"].casefold(): row["iso_alfa2"] for row in reversed(countries) if row["landnavn"]},
        {
            row["landnavn"].upper(): row["iso_alfa2"]
            for row in countries
            if row["landnavn"] and row["iso_alfa2"] != "NO"
        },
    )


def event_type(freg_event: str | None, *, told: bool, legal_basis: bool) -> str:
    """Persontjenesten's type of an event of Freg's. told: whether the caller receives what happened at all."""
    if not told:
        return UPDATED
    if freg_event is None:
        return POPULATED
    row = _EVENT_TYPES.get(freg_event)
    if row is None or (row["confidential"] == "yes" and not legal_basis):
        return UPDATED
    return row["event_type"]


_EVENT_TYPES = {row["freg_event"]: row for row in rows("persontjenesten_event_types")}
