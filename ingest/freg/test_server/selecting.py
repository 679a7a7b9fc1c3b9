"""Which persons an order of uttrekk/tilpasset selects."""

from __future__ import annotations

from typing import Any

# Criterion → the element and its member that it is compared with; the current entry counts.
_CODES = {
    "kjoenn": ("kjoenn", "kjoenn"),
    "statsborgerskap": ("statsborgerskap", "statsborgerskap"),
    "sivilstandstype": ("sivilstand", "sivilstand"),
}
_YEARS = {"foedselsaar": ("foedsel", "foedselsdato"), "doedsaar": ("doedsfall", "doedsdato")}
_KOMMUNER = {"bostedskommunenummer": "bostedsadresse", "oppholdskommunenummer": "oppholdsadresse"}
CRITERIA = frozenset(
    {
        "personstatustyper",
        "kommunenummer",
        *_CODES,
        *(f"{name}{end}" for name in _YEARS for end in ("FraOgMed", "TilOgMed")),
    }
)


def why_refused(criteria: Any) -> str:
    """Why Freg refuses an order; empty when it does not."""
    if not isinstance(criteria, dict) or not criteria or not criteria.keys() <= CRITERIA:
        return "Ugyldig utvalg"
    kommune = criteria.get("kommunenummer", {})
    if not isinstance(kommune, dict) or len(kommune) > 1 or not kommune.keys() <= _KOMMUNER.keys():
        return "Velg enten bostedskommunenummer eller oppholdskommunenummer"
    return ""


def is_selected(person: dict[str, Any], criteria: dict[str, Any]) -> bool:
    """Whether a person meets all criteria."""
    statuses = criteria.get("personstatustyper")
    if statuses and not {entry["status"] for entry in _current(person, "status")} & set(statuses):
        return False
    for name, (element, member) in _CODES.items():
        if name in criteria and criteria[name] not in {entry.get(member) for entry in _current(person, element)}:
            return False
    for name, (element, member) in _YEARS.items():
        first, last = criteria.get(f"{name}FraOgMed"), criteria.get(f"{name}TilOgMed")
        years = {int(entry[member][:4]) for entry in _current(person, element) if entry.get(member)}
        if (first is not None or last is not None) and not any(
            (first is None or first <= year) and (last is None or year <= last) for year in years
        ):
            return False
    return all(
        number in {_kommune(entry) for entry in _current(person, _KOMMUNER[name])}
        for name, number in criteria.get("kommunenummer", {}).items()
    )


def _current(person: dict[str, Any], element: str) -> list[dict[str, Any]]:
    entries = person.get(element) or []
    entries = entries if isinstance(entries, list) else [entries]
    return [entry for entry in entries if entry.get("erGjeldende")]


def _kommune(address: dict[str, Any]) -> str | None:
    at_street = address.get("vegadresse", {}).get("kommunenummer")
    of_cadastre = address.get("matrikkeladresse", {}).get("matrikkelnummer", {}).get("kommunenummer")
    return at_street or of_cadastre or address.get("ukjentBosted", {}).get("bostedskommune")
