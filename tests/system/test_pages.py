"""The pages that people look at, in a real browser: the report of a release, and the Dagster UI."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import SAMPLE
from tests.support.running import PREG, REPOSITORY

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
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    yield page
    page.close()


def _keep(page: Page, name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


def test_the_report_opens_from_disk_and_answers_at_a_glance(built_sample: Path, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{built_sample}/releases/current/report/index.html")
    _keep(page, "report")
    expect(page.get_by_role("heading", level=1)).to_contain_text("PREG release")
    expect(page.locator("dl.headline")).to_contain_text("302")
    differing = page.locator("#comparison + .scroll tbody tr")
    expect(differing.first).to_contain_text("Person")
    page.locator("#equal-fields summary").click()
    equal = page.locator("#equal-fields tbody tr")
    expect(equal.first).to_be_visible()
    assert differing.count() + equal.count() == 55
    expect(page.get_by_text("Every check has passed.")).to_be_visible()
    # The page needs no network, and nothing but itself.
    assert all(url.startswith("file://") for url in asked)
    assert len(asked) == 1


def test_the_report_is_usable_by_keyboard_and_on_a_small_screen(built_sample: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"file://{built_sample}/releases/current/report/index.html")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.locator("summary", has_text="checks that passed").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader", name="preg_person_nin_is_unique", exact=True)).to_be_visible()
    assert page.evaluate("[...document.querySelectorAll('th')].every(cell => cell.scope)")
    _keep(page, "report-small")
    page.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def dagster_ui(built_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("ui") / "data"
    shutil.copytree(built_sample, data, symlinks=True)
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
        # Dagster's own processes do not always end when all are told at once; no server may outlive the test.
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
    page.goto(f"{dagster_ui}/assets/candidate?view=checks")
    expect(page.get_by_text("preg_address_hidden_is_blank").first).to_be_visible(timeout=30_000)
    page.get_by_text("preg_address_hidden_is_blank").first.click()
    expect(page.get_by_text("a hidden address must say nothing about where it is").first).to_be_visible()
    _keep(page, "dagster-check")


def test_schedules_and_the_sensor_are_in_the_dagster_ui(dagster_ui: str, page: Page) -> None:
    page.goto(f"{dagster_ui}/automation")
    for name in ("publication_windows", "daily_update_in_the_morning", "new_deliveries"):
        expect(page.get_by_text(name).first).to_be_visible(timeout=30_000)
    _keep(page, "dagster-automation")
