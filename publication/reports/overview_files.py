"""The delivery overview as files: a page, an iCalendar file, an Atom feed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import icalendar

from foundation.text import printable
from publication.candidate.view_version import view_versions
from publication.reports.delivery_overview import Entry
from publication.reports.pages import page_templates

_ATOM = "http://www.w3.org/2005/Atom"
_FEED_ID = "urn:preg:delivery-overview"
_IN_FEED = 60
_LONGEST_PART = 2000
_TITLES = {
    "published": "PREG published",
    "planned": "PREG is published",
    "rolled back": "PREG rolled back",
    "promoted": "PREG release made current",
    "withdrawn": "PREG release withdrawn",
    "announcement": "PREG announcement",
    "incident": "PREG incident",
}
# What was done, as the page says it in Norwegian and English.
_KINDS = {
    "published": ("publisert", "published"),
    "planned": ("publiseringsvindu", "publication window"),
    "rolled back": ("rullet tilbake", "rolled back"),
    "promoted": ("gjort gjeldende", "made current"),
    "withdrawn": ("trukket tilbake", "withdrawn"),
    "announcement": ("kunngjøring", "announcement"),
    "incident": ("hendelse", "incident"),
}


def write_overview_files(entries: Sequence[Entry], folder: Path, now: dt.datetime) -> None:
    """Write `publications.html`, `.ics` and `.atom` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "publications.ics").write_bytes(_calendar(entries, now))
    (folder / "publications.atom").write_bytes(_feed(entries, now))
    environment = page_templates("publication.reports")
    page = environment.get_template("publications.html").render(
        to_come=[entry for entry in reversed(entries) if entry.kind in ("planned", "announcement")],
        done=[entry for entry in entries if entry.kind not in ("planned", "announcement", "incident")],
        incidents=[entry for entry in entries if entry.kind == "incident"],
        versions=list(reversed(view_versions())),
        kinds=_KINDS,
    )
    (folder / "publications.html").write_text(page, encoding="utf-8")


def _calendar(entries: Sequence[Entry], now: dt.datetime) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//PREG//delivery overview//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "PREG publications")
    for entry in entries:
        event = icalendar.Event()
        event.add("uid", _id_of(entry))
        event.add("dtstamp", now)
        event.add("dtstart", entry.starts_at.replace(tzinfo=dt.UTC))
        event.add("dtend", (entry.ends_at or entry.starts_at).replace(tzinfo=dt.UTC))
        event.add("summary", _TITLES[entry.kind])
        event.add("description", _text_of(entry))
        calendar.add_component(event)
    return calendar.to_ical()


def _feed(entries: Sequence[Entry], now: dt.datetime) -> bytes:
    ElementTree.register_namespace("", _ATOM)
    feed = ElementTree.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", _FEED_ID)
    _add(feed, "title", "PREG publications")
    _add(feed, "updated", _stamp(now))
    author = ElementTree.SubElement(feed, f"{{{_ATOM}}}author")
    _add(author, "name", "PREG")
    # What is planned every week is no news.
    for entry in [each for each in entries if each.kind != "planned"][:_IN_FEED]:
        item = ElementTree.SubElement(feed, f"{{{_ATOM}}}entry")
        _add(item, "id", f"urn:preg:{_id_of(entry)}")
        _add(item, "title", f"{_TITLES[entry.kind]} {entry.release_id}".strip())
        _add(item, "updated", _stamp(entry.starts_at))
        _add(item, "summary", _text_of(entry))
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}").text = text


def _id_of(entry: Entry) -> str:
    return f"{entry.kind.replace(' ', '-')}-{entry.starts_at:%Y%m%dT%H%M%S}-{entry.release_id or 'preg'}"


def _text_of(entry: Entry) -> str:
    parts = [f"{entry.local_time} (Oslo)", entry.release_id, entry.note]
    if entry.sequence_to is not None:
        parts.append(f"Freg up to {entry.sequence_to}")
    if entry.persons_changed is not None:
        parts.append(f"{entry.persons_changed} persons changed")
    if entry.done_by:
        parts.append(f"by {entry.done_by}")
    return "; ".join(printable(part, _LONGEST_PART) for part in parts if part)


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
