"""The Dagster UI against a foreign page that the operator has open in the same browser: real servers, real requests."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from orchestration.definitions import defs
from tests.support.running import PREG, REPOSITORY

pytestmark = pytest.mark.xdist_group("web server")

FOREIGN = "http://evil.example"
# Asset automation is paused until somebody starts it.
START = "mutation { setAutoMaterializePaused(paused: false) }"
IS_PAUSED = "{ autoMaterializePaused: instance { autoMaterializePaused } }"
RUN_ELSEWHERE = """mutation {
  launchRun(executionParams: {
    selector: {
      repositoryName: "__repository__", repositoryLocationName: "orchestration.definitions", jobName: "full_run"
    }
    runConfigData: "{resources: {warehouse: {config: {data_dir: /tmp/elsewhere, landing_dir: /tmp/elsewhere}}}}"
  }) { __typename }
}"""


@dataclass(frozen=True)
class Running:
    """`preg dev`: its process, its address and its data directory."""

    process: subprocess.Popen[bytes]
    port: int
    data: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str = "POST", path: str = "/graphql", **request: Any) -> httpx.Response:
        return httpx.request(method, f"{self.address}{path}", timeout=30, **request)

    def is_paused(self) -> bool:
        answer = self.ask(json={"query": IS_PAUSED}, headers={"origin": self.address})
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["data"]["autoMaterializePaused"]["autoMaterializePaused"])


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`preg dev` on an empty data directory."""
    folder = tmp_path_factory.mktemp("ui")
    (folder / "landing").mkdir()
    (folder / "data" / "dagster").mkdir(parents=True)
    (folder / "data").chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [str(PREG), "dev", "--landing", folder / "landing", "--data", folder / "data", "--port", str(port)],
        stdout=log,
        stderr=log,
        cwd=REPOSITORY,
        env={**os.environ, "PREG_UI_HOSTS": "preg.example, other.example"},
        start_new_session=True,
        preexec_fn=lambda: os.umask(0o022),
    )
    running = Running(process, port, folder / "data")
    deadline = time.monotonic() + 90
    while True:
        try:
            running.ask("GET", "/server_info")
            break
        except httpx.TransportError:
            assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline, "preg dev did not answer"
            time.sleep(0.3)
    yield running
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_the_page_is_shown_under_the_servers_own_names_only(ui: Running) -> None:
    for host in (f"127.0.0.1:{ui.port}", f"localhost:{ui.port}", "preg.example", "other.example:8443"):
        assert ui.ask("GET", "/", headers={"host": host}).status_code == 200, host
    # A name that its owner lets lead to 127.0.0.1 (DNS rebinding) is not one of them.
    for host in ("evil.example", f"evil.example:{ui.port}", f"localhost.evil.example:{ui.port}", ""):
        assert ui.ask("GET", "/", headers={"host": host}).status_code == 400, host
        assert ui.ask(json={"query": START}, headers={"host": host}).status_code == 400, host
    assert ui.is_paused()


def test_a_foreign_page_changes_nothing_and_reads_nothing(ui: Running) -> None:
    foreign: list[dict[str, str]] = [
        {"origin": FOREIGN},
        {"origin": "null"},
        {"origin": f"http://localhost:{ui.port + 1}"},
        {"origin": f"http://127.0.0.1:{ui.port}.evil.example"},
        {"origin": f"file://127.0.0.1:{ui.port}"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": f"http://127.0.0.1:{ui.port}", "sec-fetch-site": "cross-site"},
    ]
    for headers in foreign:
        assert ui.ask(json={"query": START}, headers=headers).status_code == 403, headers
        assert ui.ask("GET", "/server_info", headers=headers).status_code == 403, headers
    assert ui.is_paused()


def test_what_a_form_or_an_image_could_send_is_refused(ui: Running) -> None:
    asked = {"query": START}
    assert ui.ask("GET", params=asked).status_code == 405
    assert ui.ask("GET", "/graphql/", params=asked, follow_redirects=True).status_code == 405
    assert ui.ask("GET", headers={"accept": "text/html"}).status_code == 405
    assert ui.ask("POST", params=asked).status_code == 415
    for kind in (
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "application/graphql",
    ):
        answer = ui.ask("POST", content=json.dumps(asked), params=asked, headers={"content-type": kind})
        assert answer.status_code == 415, kind
    assert ui.ask("POST", params=asked, headers={"content-type": "application/json"}).status_code == 400
    assert ui.ask("POST", "/report_asset_materialization/release").status_code == 415
    assert ui.is_paused()


def test_a_link_from_elsewhere_opens_the_page_and_a_frame_does_not(ui: Running) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    page = ui.ask("GET", "/runs", headers=link)
    assert page.status_code == 200
    assert page.headers["x-frame-options"] == "DENY"
    assert ui.ask("GET", "/runs", headers={**link, "sec-fetch-dest": "iframe"}).status_code == 403
    assert ui.ask("POST", "/graphql", json={"query": START}, headers=link).status_code == 403


def _websocket(ui: Running, origin: str | None) -> str:
    with connect(
        f"ws://127.0.0.1:{ui.port}/graphql",
        origin=None if origin is None else Origin(origin),
        subprotocols=[Subprotocol("graphql-ws")],
    ) as socket_:
        socket_.send(json.dumps({"type": "connection_init"}))
        return str(json.loads(socket_.recv(timeout=30))["type"])


def test_a_websocket_is_opened_to_the_servers_own_page_only(ui: Running) -> None:
    assert _websocket(ui, ui.address) == "connection_ack"
    for origin in (FOREIGN, "null", None):
        with pytest.raises(InvalidStatus) as refused:
            _websocket(ui, origin)
        assert refused.value.response.status_code == 403


def test_the_servers_own_page_asks_and_changes(ui: Running) -> None:
    own = {"origin": ui.address, "sec-fetch-site": "same-origin"}
    # A run that names folders of its own is not started, no matter who asks.
    answer = ui.ask(json={"query": RUN_ELSEWHERE}, headers=own)
    assert answer.json()["data"]["launchRun"]["__typename"] == "RunConfigValidationInvalid", answer.text
    assert ui.is_paused()
    assert ui.ask(json={"query": START}, headers=own).status_code == 200
    assert not ui.is_paused()


@pytest.mark.parametrize("name", ["full_run", "daily_update", "publication", "read_feed"])
def test_no_folder_and_no_program_is_part_of_a_runs_configuration(name: str) -> None:
    job = defs.resolve_job_def(name)
    for resource, setting in (
        ("warehouse", "data_dir"),
        ("warehouse", "landing_dir"),
        ("dbt", "project_dir"),
        ("dbt", "dbt_executable"),
    ):
        with pytest.raises(dg.DagsterInvalidConfigError):
            dg.validate_run_config(job, {"resources": {resource: {"config": {setting: "/tmp/elsewhere"}}}})  # noqa: S108


def test_what_the_servers_write_is_their_owners(ui: Running) -> None:
    written = [ui.data, *ui.data.rglob("*")]
    assert len(written) > 5
    assert not [place for place in written if not place.is_symlink() and place.lstat().st_mode & 0o077]


def test_ctrl_c_ends_server_and_daemon(ui: Running) -> None:
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(ui.process.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(children) >= 2, "the daemon and a code server"
    ui.process.send_signal(signal.SIGINT)
    assert ui.process.wait(timeout=60) == 0
    # A code server ends when what it was asked last is answered.
    deadline = time.monotonic() + 60
    while left := [child for child in children if Path(f"/proc/{child}").exists()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.2)
