"""The pages that people look at, in a real browser: the report of a release, and the Dagster UI."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import zstandard
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from foundation.settings import Settings
from publication.candidate.view_version import current_view_version
from publication.reports.report import report_writer
from publication.store.release import current_release
from tests.conftest import SAMPLE
from tests.support.deliveries import as_lines, deliver, packed
from tests.support.running import PREG, REPOSITORY, preg, preg_run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built sample")]

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ARTEFACTS = REPOSITORY / "tests" / "artefacts"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1400, "height": 1000}, locale="nb-NO")
    yield page
    page.close()


def _keep(page: Page, name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def report(built_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a second release, made after two sign-offs: one that holds, one whose rate has fallen since."""
    root = tmp_path_factory.mktemp("report")
    data = root / "data"
    shutil.copytree(built_sample, data, symlinks=True)
    signed = preg("signoff", "Person.sn", "--name", "Kari Leder", "--note", "avklart med Freg", "--data", data)
    assert signed.returncode == 0, signed.stderr
    text = (data / "signoff.csv").read_text(encoding="utf-8").splitlines()
    (data / "signoff.csv").write_text(
        "\n".join([*text, "preg_persontjenesten,Person,given_name,Ola Leder,2026-01-01,alt likt,x,300,300"]) + "\n",
        encoding="utf-8",
    )
    settings = Settings(data_dir=data)
    release = current_release(settings)
    assert release is not None
    folder = root / "report"
    manifest = release.manifest.changed(release_id="20300101T000000Z-later", published_at="2030-01-01T00:00:00Z")
    report_writer(settings)(manifest, release.database, folder)
    return folder


def test_the_pages_are_written_again_with_what_has_been_signed_since(report: Path, page: Page) -> None:
    data = report.parent / "data"
    folder = report.parent / "again"
    written = preg("report", "--out", folder, "--data", data)
    assert written.returncode == 0, written.stderr
    again = preg("report", "--out", folder, "--data", data)
    assert again.returncode == 0, again.stderr
    _open(page, folder)
    expect(page.locator("#headline")).to_contain_text("1 / 52")
    assert {"index.html", "fields.html", "release.html", "gate.html", "publications.html", "data_docs"} <= {
        each.name for each in folder.iterdir()
    }
    # The published one is as it was.
    verified = preg("release", "verify", "--data", data)
    assert verified.returncode == 0, verified.stderr
    # Nothing is removed that a report has not written.
    (folder / "thesis.txt").write_text("mine", encoding="utf-8")
    site = report.parent / "site"
    site.mkdir()
    (site / "index.html").write_text("mine", encoding="utf-8")
    for wrong in (data / "releases", data, folder, site):
        refused = preg("report", "--out", wrong, "--data", data)
        assert refused.returncode == 1, wrong
    assert (folder / "thesis.txt").read_text(encoding="utf-8") == "mine"
    assert (site / "index.html").read_text(encoding="utf-8") == "mine"
    assert (data / "releases").is_dir()


def test_the_models_are_one_page_that_asks_nobody(report: Path, page: Page) -> None:
    file = report.parent / "docs.html"
    written = preg("docs", "--out", file, "--data", report.parent / "data")
    assert written.returncode == 0, written.stderr
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{file}#!/model/model.preg.preg_address")
    expect(page.get_by_text("the one present address and the former residences").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("grunnkrets_number").first).to_be_visible()
    _keep(page, "docs")
    assert [url for url in asked if not url.startswith(("file://", "data:", "blob:"))] == []
    # It takes the place of no file of the register's.
    warehouse = report.parent / "data" / "warehouse.duckdb"
    refused = preg("docs", "--out", warehouse, "--data", report.parent / "data")
    assert refused.returncode == 1
    assert "the register's own files" in refused.stderr
    assert warehouse.stat().st_size > 1_000_000


def _open(page: Page, report: Path, name: str = "index.html") -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"file://{report}/{name}")
    return asked


def _choose_english(page: Page) -> None:
    page.get_by_role("button", name="English").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "fields", "release", "gate", "publications"])
def test_nobody_is_kept_from_reading_a_page(
    name: str, scheme: Literal["light", "dark"], report: Path, built_sample: Path, browser: Browser
) -> None:
    folder = report if name == "index" else built_sample / "releases" / "current" / "report"
    page = browser.new_page(viewport={"width": 1400, "height": 1000}, locale="nb-NO", color_scheme=scheme)
    _open(page, folder, f"{name}.html")
    if name == "index":
        page.locator("#field-table").get_by_role("button", name="Person.RegStatus").click()
        expect(page.locator("#detail")).to_contain_text("Person.RegStatus")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found = Axe().run(page).response["violations"]
    page.close()
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_a_client_has_a_checklist_and_the_codes_of_both_sides(report: Path, page: Page) -> None:
    _open(page, report)
    page.get_by_label("Klientprofil").select_option("fastlege")
    expect(page.locator("#todo-lead")).to_contain_text("Sjekkliste for fastlege: 1 av 12 felt er ferdige")
    page.locator("#todo summary", has_text="nytt navn: 7 felt, 6 å godkjenne").click()
    # Signed off with a name, by which it is done.
    signed = page.locator("#todo li", has_text="Person.Sn").filter(has_text="godkjent: Kari Leder").last
    expect(signed).to_be_visible()
    page.locator("#todo summary", has_text="ny kode").click()
    page.locator("#todo").get_by_role("button", name="Person.RegStatus").last.click()
    page.locator("#detail summary", has_text="Kodeverk").click()
    dead = page.locator("#detail").get_by_role("row").filter(has=page.get_by_role("rowheader", name="5", exact=True))
    expect(dead).to_contain_text("Død")
    expect(dead).to_contain_text("doed")
    expect(dead).to_contain_text("Deceased")
    page.locator("#field-table").get_by_role("button", name="Store.Gender").click()
    expect(page.locator("#detail")).to_contain_text("Store er det PREG lagrer")


def test_the_migration_page_answers_at_a_glance(report: Path, page: Page) -> None:
    asked = _open(page, report)
    expect(page.get_by_role("heading", level=1)).to_have_text("PREG mot Persontjenesten, felt for felt")
    expect(page.get_by_role("status")).to_contain_text("Ikke klar: 31 av 52 felt har åpne forskjeller")
    expect(page.locator("#headline")).to_contain_text("303")
    expect(page.locator("#headline")).to_contain_text("1 / 52")
    # What follows from another field is shown apart: it is no additional problem.
    expect(page.locator("#headline")).to_contain_text("Forskjeller54")
    expect(page.locator("#headline")).to_contain_text("Følger av andre felt10")
    expect(page.locator("#kinds-chart svg")).to_be_visible()
    _keep(page, "migration")
    # The page needs no network, and nothing but its own folder.
    assert all(url.startswith(f"file://{report}/") for url in asked)


def test_a_field_tells_what_a_client_must_do(report: Path, page: Page) -> None:
    _open(page, report)
    page.get_by_role("button", name="Person.MaritalStatus", exact=True).click()
    detail = page.locator("#detail")
    unknown = "(a value that the list does not have)"
    for words in ("ny kode", "maritalStatus[].status", "kodeverk", "uforklart", "bosatt", unknown):
        expect(detail).to_contain_text(words)
    expect(detail.locator("#detail-kinds svg")).to_be_visible()
    expect(detail).to_contain_text("Ikke godkjent")
    page.get_by_role("button", name="Person.MothersNIN", exact=True).click()
    expect(detail).to_contain_text("be om tilgang → utled")
    page.get_by_role("button", name="Address.XCoord", exact=True).click()
    expect(detail).to_contain_text("Persontjenesten har det ikke")
    _keep(page, "migration-detail")
    page.get_by_role("button", name="Address.DistrictName", exact=True).click()
    expect(detail).to_contain_text("3 er ulike bare fordi et annet felt er det")
    expect(detail).to_contain_text("avledet (district_code)")
    # What is known of PREG and what is assumed, and by which document.
    expect(detail).to_contain_text("antatt: whether it was the geographic or the serving bydel is not public")
    page.get_by_role("button", name="Person.DufNo", exact=True).click()
    expect(detail).to_contain_text("293 er blanke på begge sider")
    page.get_by_role("button", name="Person.ParentalResponsibility", exact=True).click()
    expect(detail).to_contain_text("Feltet sammenliknes ikke i dette paret.")


def test_a_sign_off_is_shown_with_its_age_and_is_void_when_the_rate_falls(report: Path, page: Page) -> None:
    _open(page, report)
    detail = page.locator("#detail")
    page.get_by_role("button", name="Person.Sn", exact=True).click()
    expect(detail).to_contain_text(
        re.compile(r"Kari Leder, \d{4}-\d\d-\d\d \(\d+ dager siden\): avklart med Freg – gjelder")
    )
    page.get_by_role("button", name="Person.GivenName", exact=True).click()
    expect(detail).to_contain_text("ugyldig: andelen like er falt fra 100,000 % til 99,003 %")


def test_the_filters_leave_what_a_client_uses(report: Path, page: Page, browser: Browser) -> None:
    _open(page, report)
    rows = page.locator("#field-table tbody tr")
    expect(rows).to_have_count(60)
    page.get_by_label("Klientprofil").select_option("fastlege")
    expect(rows).to_have_count(12)
    expect(page.get_by_role("status")).to_contain_text("av 12 felt")
    page.get_by_label("Tilstand").select_option("open")
    page.get_by_label("Søk i felt").fill("gender")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Store.Gender")
    # A view can be sent to somebody: the choices are in the address.
    again = browser.new_page(locale="nb-NO")
    again.goto(page.url)
    expect(again.locator("#field-table tbody tr")).to_have_count(1)
    again.close()
    page.get_by_role("button", name="Nullstill").click()
    expect(rows).to_have_count(60)
    page.locator("#kind").select_option("meaning")
    # The bydel's name follows from its code.
    expect(rows).to_have_count(1)
    page.get_by_label("Sammenlikning").select_option("preg_legacy")
    expect(page.locator("#field-table")).to_contain_text("Ingen felt passer med filtrene.")


def test_the_table_is_sorted_by_any_column(report: Path, page: Page) -> None:
    _open(page, report)
    first = page.locator("#field-table tbody tr").first
    expect(first).to_contain_text("Person.Citizenship")
    page.get_by_role("button", name="Felt", exact=True).click()
    expect(first).to_contain_text("Address.AddressLine1")
    page.get_by_role("button", name="Felt", exact=True).click()
    expect(first).to_contain_text("Store.MaidenName")
    expect(page.locator("#field-table th[aria-sort]")).to_have_attribute("aria-sort", "descending")


def test_what_is_looked_for_does_not_change_the_verdict(report: Path, page: Page) -> None:
    _open(page, report)
    verdict = page.locator("#verdict").inner_text()
    page.get_by_label("Søk i felt").fill("x_coord")
    expect(page.locator("#field-table tbody tr")).to_have_count(1)
    assert page.locator("#verdict").inner_text() == verdict
    # Nothing to draw is said in words.
    expect(page.locator("#kinds-chart")).to_contain_text("Ingen av feltene som vises har forskjeller")
    expect(page.locator("#kinds-chart svg")).to_have_count(0)
    page.get_by_label("Søk i felt").fill("")
    page.get_by_label("Klientprofil").select_option("fastlege")
    expect(page.locator("#verdict")).not_to_have_text(verdict)


@pytest.mark.parametrize("width", [1400, 390])
def test_a_bar_leads_to_its_field(report: Path, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="nb-NO")
    _open(page, report)
    bars = page.locator("#kinds-chart path[aria-roledescription=bar]").all()
    widest = max(bars, key=lambda bar: (bar.bounding_box() or {"width": 0})["width"])
    widest.click()
    field = page.locator("#detail h3").first
    expect(field).to_contain_text(".")
    assert f": {field.inner_text()};" in (widest.get_attribute("aria-label") or "")
    expect(page.locator("#detail")).to_be_in_viewport()
    # The chart fits its page.
    assert page.evaluate("document.querySelector('#kinds-chart svg').getBoundingClientRect().right <= innerWidth")
    page.close()


def test_the_page_speaks_english(report: Path, page: Page) -> None:
    _open(page, report)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("PREG against Persontjenesten, field by field")
    expect(page.get_by_role("status")).to_contain_text("Not ready: 31 of 52 fields have open differences")
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator("#kinds-chart svg")).to_contain_text("unexplained")
    for word in ("Ikke klar", "Nullstill", "Klientprofil"):
        assert word not in page.locator("body").inner_text()
    _keep(page, "migration-english")


@pytest.mark.parametrize(
    ("locale", "heading"), [("nn-NO", "felt for felt"), ("en-GB", "field by field"), ("de-DE", "field by field")]
)
def test_the_language_is_the_browsers_until_somebody_chooses(
    report: Path, browser: Browser, locale: str, heading: str
) -> None:
    page = browser.new_page(locale=locale)
    for name in ("index.html", "fields.html"):
        _open(page, report, name)
        lead = {"felt for felt": "Alle felt", "field by field": "Every field"}[heading]
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading if name == "index.html" else lead)
    # The choice is in the address.
    _open(page, report, "index.html#language=no")
    expect(page.get_by_role("heading", level=1)).to_contain_text("felt for felt")
    page.close()


@pytest.mark.parametrize("name", ["index", "fields", "release", "gate"])
def test_in_the_dark_text_is_light_and_paper_stays_white(report: Path, browser: Browser, name: str) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 1000}, locale="nb-NO", color_scheme="dark")
    _open(page, report, f"{name}.html")
    _keep(page, f"{name}-dark")
    colours = "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    assert page.evaluate(colours) == ["rgb(232, 237, 242)", "rgb(20, 25, 31)"]
    page.emulate_media(media="print")
    assert page.evaluate(colours)[1] == "rgb(255, 255, 255)"
    page.close()


def test_the_page_is_usable_by_keyboard_and_on_a_small_screen(report: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800}, locale="nb-NO")
    _open(page, report)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.get_by_role("button", name="Person.Sn", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_focused()
    # The figures of a chart are in a table under it.
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#kinds-table tbody tr").first).to_be_visible()
    assert page.locator("#kinds-table tbody tr").count() == 37
    assert page.evaluate("[...document.querySelectorAll('th')].every(cell => cell.scope)")
    _keep(page, "migration-small")
    page.close()


def test_words_stand_out_from_what_is_behind_them(report: Path, page: Page) -> None:
    """Contrast of 4.5 to 1 for every text of the page, as WCAG AA asks."""
    _open(page, report)
    page.get_by_role("button", name="Person.Sn", exact=True).click()
    weak = page.evaluate(
        """() => {
            const luminance = rgb => { const [r, g, b] = rgb.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92
                : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const parse = text => text.match(/[\\d.]+/g).map(Number);
            const behind = element => { for (let at = element; at; at = at.parentElement) {
                const color = parse(getComputedStyle(at).backgroundColor);
                if (color.length < 4 || color[3] > 0) return color.slice(0, 3); } return [255, 255, 255]; };
            return [...document.querySelectorAll('body *')].filter(element => !element.closest('svg, script, style')
                && [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())
                && element.getClientRects().length).map(element => {
                    const one = luminance(parse(getComputedStyle(element).color).slice(0, 3));
                    const other = luminance(behind(element));
                    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
                    return [contrast, element.textContent.trim().slice(0, 40)];
                }).filter(([contrast]) => contrast < 4.5);
        }"""
    )
    assert weak == []


def test_every_field_can_be_searched(report: Path, page: Page) -> None:
    asked = _open(page, report, "fields.html")
    count = page.get_by_role("status")
    expect(count).to_have_text("1179 av 1179 felt")
    page.get_by_label("Søk").fill("fornavn")
    rows = page.locator("#rows tbody tr")
    expect(rows.filter(has_text="navn[].fornavn").first).to_contain_text("name[].givenName")
    page.get_by_label("Søk").fill("")
    page.get_by_label("System").select_option("PREG")
    expect(count).to_have_text("60 av 1179 felt")
    page.get_by_label("Finnes i").select_option("not-t")
    expect(count).to_have_text("6 av 1179 felt")
    page.get_by_label("Finnes i").select_option("")
    page.get_by_label("Klienten må").select_option("ask for access")
    expect(count).to_have_text("8 av 1179 felt")
    page.get_by_role("button", name="English").click()
    expect(count).to_have_text("8 of 1179 fields")
    _keep(page, "fields")
    assert len(asked) == 1


def test_the_page_about_the_release_opens_from_disk(built_sample: Path, page: Page) -> None:
    asked = _open(page, built_sample / "releases" / "current" / "report", "release.html")
    _keep(page, "release")
    expect(page.get_by_role("heading", level=1)).to_contain_text("PREG, utgivelse")
    _choose_english(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("PREG release")
    expect(page).to_have_title(re.compile("^PREG release"))
    expect(page.get_by_text("Utgivelse", exact=True)).to_have_count(0)
    expect(page.locator("dl.headline")).to_contain_text("302")
    differing = page.locator("#comparison + .scroll tbody tr")
    page.locator("#equal-fields summary").click()
    equal = page.locator("#equal-fields tbody tr")
    expect(equal.first).to_be_visible()
    assert differing.count() + equal.count() == 52
    # A warning remains until its cause is gone: the sample has somebody who has changed gender.
    expect(page.get_by_text("person_gender_fits_number").first).to_be_visible()
    assert len(asked) == 1
    # The language goes with who reads: the next page has it too.
    page.get_by_role("link", name="person_gender_fits_number").click()
    expect(page.locator("#verdict")).to_contain_text("checks passed")


def test_the_page_about_the_gate_tells_of_every_check(built_sample: Path, page: Page) -> None:
    folder = built_sample / "releases" / "current" / "report"
    asked = _open(page, folder, "gate.html")
    _keep(page, "gate")
    checks = json.loads((folder.parent / "manifest.json").read_text(encoding="utf-8"))["checks"]
    passed = sum(check["passed"] for check in checks)
    assert passed < len(checks)
    expect(page.locator("#verdict")).to_contain_text(f"{passed} av {len(checks)} kontroller er i orden")
    _choose_english(page)
    expect(page.locator("#verdict")).to_contain_text(f"{passed} of {len(checks)} checks passed")
    gender = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="person_gender_fits_number"))
    expect(gender).to_contain_text("2 new, 0 unresolved, 0 resolved")
    expect(page.locator("tbody th[id]")).to_have_count(len(checks))
    expect(page.get_by_role("rowheader", name="protected_text_is_in_no_column")).to_be_visible()
    assert len(asked) == 1
    page.locator("h2#expectation + details summary").click()
    page.get_by_role("link", name="preg_person", exact=True).first.click()
    expect(page.get_by_text("values must be unique.").first).to_be_visible()
    _keep(page, "data-docs")
    assert not [address for address in asked if not address.startswith("file:")]


def test_the_delivery_overview_tells_what_was_and_what_is_to_come(built_sample: Path, page: Page) -> None:
    asked = _open(page, built_sample / "releases" / "current" / "report", "publications.html")
    _keep(page, "publications")
    expect(page.get_by_role("heading", name="Kommer")).to_be_visible()
    expect(page.get_by_text("publiseringsvindu")).to_have_count(14)
    _choose_english(page)
    expect(page.get_by_role("heading", name="To come")).to_be_visible()
    expect(page.get_by_text("publication window")).to_have_count(14)
    expect(page.get_by_role("cell", name="published", exact=True)).to_be_visible()
    expect(page.get_by_role("rowheader", name=current_view_version())).to_be_visible()
    assert len(asked) == 1


def _numbers(document: dict[str, Any]) -> list[str]:
    return [entry["foedselsEllerDNummer"] for entry in document["folkeregisterperson"]["identifikasjonsnummer"]]


def _deliver_names_with_digits(landing: Path) -> None:
    """A change of thirty persons whose surnames were read from another column."""
    read: list[dict[str, Any]] = []
    for file in sorted((landing / "freg").glob("*/persons-*.ndjson.zst")):
        with file.open("rb") as stream:
            lines = zstandard.ZstdDecompressor().stream_reader(stream).read().splitlines()
        read += [json.loads(line) for line in lines]
    last = max(document["sekvensnummer"] for document in read)
    times_named = Counter(number for document in read for number in _numbers(document))
    # Of persons of one number and one document: others may be somebody's former selves.
    documents = [
        document
        for document in read
        if document["folkeregisterperson"].get("navn") and [times_named[each] for each in _numbers(document)] == [1]
    ][:30]
    for number, document in enumerate(documents, start=last + 1):
        document |= {"sekvensnummer": number, "ajourholdstidspunkt": "2026-01-09T10:00:00+01:00"}
        for name in document["folkeregisterperson"]["navn"]:
            name["etternavn"] = f"{number}"
    content = packed("persons-0001.ndjson.zst", as_lines(documents))
    deliver(
        landing,
        "freg",
        "20260109T120000Z-change",
        {"persons-0001.ndjson.zst": content},
        rows={"persons-0001.ndjson.zst": len(documents)},
        kind="change",
        created_at="2026-01-09T12:00:00Z",
        sequence_from=last + 1,
        sequence_to=last + len(documents),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def dagster_ui(built_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The UI of a directory whose last run was stopped by the gate."""
    data, landing = tmp_path_factory.mktemp("ui") / "data", tmp_path_factory.mktemp("ui") / "landing"
    shutil.copytree(built_sample, data, symlinks=True)
    shutil.copytree(SAMPLE, landing)
    _deliver_names_with_digits(landing)
    stopped = preg_run(landing, data)
    assert stopped.returncode == 3, stopped.stdout + stopped.stderr
    port = _free_port()
    process = subprocess.Popen(
        [str(PREG), "dev", "--landing", str(SAMPLE), "--data", str(data), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=REPOSITORY,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(f"{address}/server_info", timeout=2).close()  # noqa: S310
            break
        except OSError:
            assert process.poll() is None, "dagster dev ended"
            assert time.monotonic() < deadline, "dagster dev did not answer"
            time.sleep(0.5)
    yield address
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        # Dagster's own processes do not always end when all are signalled at once; no server may outlive the test.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_the_runs_of_the_command_line_are_in_the_dagster_ui(dagster_ui: str, page: Page) -> None:
    page.goto(f"{dagster_ui}/runs")
    expect(page.get_by_text("full_run").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Success").first).to_be_visible()
    _keep(page, "dagster-runs")


def test_the_way_of_the_data_is_in_the_dagster_ui(dagster_ui: str, page: Page) -> None:
    page.goto(f"{dagster_ui}/asset-groups")
    for group in ("raw", "staging", "intermediate", "marts", "release"):
        expect(page.get_by_text(re.compile(rf"^{group}$")).first).to_be_visible(timeout=30_000)
    _keep(page, "dagster-graph")


def test_a_check_of_the_gate_tells_what_it_found(dagster_ui: str, page: Page) -> None:
    page.goto(f"{dagster_ui}/assets/marts/preg_address?view=checks")
    page.get_by_placeholder("Filter checks").fill("hidden_is_blank")
    expect(page.get_by_text("preg_address_hidden_is_blank").first).to_be_visible(timeout=30_000)
    page.get_by_text("preg_address_hidden_is_blank").first.click()
    expect(page.get_by_text("a hidden address must say nothing about where it is").first).to_be_visible()
    _keep(page, "dagster-check")


def test_from_a_red_check_to_the_rows_behind_it(dagster_ui: str, page: Page) -> None:
    page.goto(f"{dagster_ui}/assets/candidate")
    page.get_by_role("tab", name="Checks").or_(page.get_by_role("link", name="Checks")).first.click()
    # The verdict comes first, and says what fired and where it stands.
    page.goto(dagster_ui + (page.get_by_role("link", name="preg_person?view=checks").first.get_attribute("href") or ""))
    page.get_by_placeholder("Filter checks").fill("name_is_a")
    page.get_by_text("person_name_is_a_name").first.click()
    # The persons by keyed hash, their names by shape: digits, where letters should be.
    expect(page.get_by_text(re.compile("^[0-9a-f]{12}$")).first).to_be_visible(timeout=30_000)
    expect(page.get_by_text(re.compile("^0{3,}$")).first).to_be_visible()
    _keep(page, "dagster-red-check")


def test_schedules_and_the_sensor_are_in_the_dagster_ui(dagster_ui: str, page: Page) -> None:
    page.goto(f"{dagster_ui}/automation")
    for name in (
        "publication_windows",
        "daily_update_in_the_morning",
        "new_deliveries",
        "tell_of_failures",
        "tell_of_lag",
    ):
        expect(page.get_by_text(name).first).to_be_visible(timeout=30_000)
    _keep(page, "dagster-automation")
