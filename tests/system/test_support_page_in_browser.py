"""The support pages in a real browser: by keyboard, in both languages, for those who see or hear badly."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import duckdb
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.serving import Served
from tests.system.test_pages import browser as browser

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built sample")]

PROFILE = "persontjenesten_legal_basis"


@pytest.fixture(scope="module")
def address(served: Served) -> Iterator[str]:
    """The services on a port of this machine, without TLS."""
    server = uvicorn.Server(
        uvicorn.Config(served.http.app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def _page(browser: Browser, served: Served, *, width: int = 1200, locale: str = "nb-NO", dark: bool = False) -> Page:
    user_name, password = served.by(PROFILE)
    return browser.new_page(
        http_credentials={"username": user_name, "password": password},
        viewport={"width": width, "height": 900},
        locale=locale,
        color_scheme="dark" if dark else "light",
    )


def _differing(database: duckdb.DuckDBPyConnection) -> tuple[str, str, str]:
    found = database.execute(
        "select nin, given_name, sn from preg_person where nin in (select nin from field_comparison_differences"
        " where pair = 'preg_persontjenesten' and difference_kind = 'unexplained' and entity = 'Person')"
        " and given_name is not null order by nin limit 1"
    ).fetchone()
    assert found is not None
    return found[0], found[1], found[2]


def test_a_person_is_found_and_read_by_keyboard(
    browser: Browser, served: Served, address: str, database: duckdb.DuckDBPyConnection
) -> None:
    nin, given_name, sn = _differing(database)
    page = _page(browser, served)
    page.goto(f"{address}/support")
    # The first field has the focus; the name is the next.
    page.keyboard.press("Tab")
    page.keyboard.type(f"{given_name} {sn}")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    link = page.get_by_role("button", name=nin)
    expect(link).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == nin:
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(sn)
    expect(page.locator("tr.differs").first).to_contain_text("≠")
    # Neither the number nor the name is in an address.
    assert nin not in page.url
    # Another language, the same person; and back to what was found.
    with page.expect_navigation():
        page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(sn)
    expect(page.get_by_role("heading", name="PREG beside Persontjenesten")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="To the search").click()
    expect(page.get_by_role("button", name=nin)).to_be_visible()
    page.close()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1200])
def test_the_pages_are_for_everybody(
    browser: Browser, served: Served, address: str, database: duckdb.DuckDBPyConnection, width: int, *, dark: bool
) -> None:
    nin, given_name, sn = _differing(database)
    page = _page(browser, served, width=width, locale="en-GB" if dark else "nb-NO", dark=dark)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{address}/support")
    for field, value in (("name", f"{given_name} {sn}"), ("number", nin)):
        page.fill(f"#{field}", value)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert told == []
    page.close()
