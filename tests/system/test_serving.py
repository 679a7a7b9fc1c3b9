"""The server as it is run: TLS, a new release while it is asked, a withdrawal, a slow client, an end."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from foundation.release import Manifest
from foundation.settings import Settings
from publication.store.release import current_release
from publication.store.withdrawal import withdraw
from serving.access.access_log import verify
from serving.access.clients import approve_client, order_client
from serving.store.build import store_file
from tests.support.running import PREG, REPOSITORY, preg
from tests.support.serving import new_client, user_name

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built sample")]

_WAIT = 60.0


@pytest.fixture
def data(built_sample: Path, tmp_path: Path) -> Settings:
    """A data directory with a copy of the built release, and a client."""
    shutil.copytree(built_sample / "releases", tmp_path / "releases", symlinks=True)
    settings = Settings(data_dir=tmp_path)
    order_client(settings, new_client("helseforetak"), dt.datetime.now(dt.UTC))
    return settings


def _password(settings: Settings) -> str:
    return approve_client(settings, user_name("helseforetak"), "B", dt.datetime.now(dt.UTC), terms_accepted=True)


@contextmanager
def _served(settings: Settings, **environment: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [str(PREG), "serve", "--data", str(settings.data_dir), "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
    )
    try:
        _until(lambda: _listens(port))
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=_WAIT)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _until(holds: object) -> None:
    assert callable(holds)
    ends = time.monotonic() + _WAIT
    while not holds():
        assert time.monotonic() < ends, "it has not come to be so"
        time.sleep(0.1)


def _client(settings: Settings, port: int, password: str = "") -> httpx.Client:
    context = ssl.create_default_context(cafile=str(settings.serving_dir / "tls" / "ca.pem"))
    auth = (user_name("helseforetak"), password) if password else None
    return httpx.Client(base_url=f"https://localhost:{port}", verify=context, auth=auth, timeout=_WAIT)


def _republish(settings: Settings, release_id: str) -> None:
    """A second release, with the content of the first, made current as a publication does."""
    release = current_release(settings)
    assert release is not None
    folder = settings.releases_dir / release_id
    shutil.copytree(release.folder, folder)
    manifest = Manifest.parse((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(
        manifest.changed(release_id=release_id).model_dump_json(by_alias=True), encoding="utf-8"
    )
    link = settings.releases_dir / ".current.new"
    link.symlink_to(release_id)
    link.rename(settings.releases_dir / "current")


def test_a_new_release_is_served_without_a_dropped_answer_and_a_withdrawn_one_is_not(data: Settings) -> None:
    first = current_release(data)
    assert first is not None
    with first.open() as connection:
        ((nin,),) = connection.execute("select min(nin) from preg_person").fetchall()
    password = _password(data)
    second = "20990101T000000Z-00000000"
    with _served(data, PREG_SERVE_REQUESTS_PER_SECOND="100000") as (_, port):
        answers: list[tuple[int, str]] = []
        stop = threading.Event()

        def ask() -> None:
            with _client(data, port, password) as client:
                while not stop.is_set():
                    answer = client.get(f"/preg/person/{nin}")
                    answers.append((answer.status_code, answer.headers.get("preg-release", "")))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        _until(lambda: len(answers) > 20)
        _republish(data, second)
        _until(lambda: answers[-1][1] == second)
        seen = len(answers)
        _until(lambda: len(answers) > seen + 20)
        stop.set()
        for thread in threads:
            thread.join()
        assert {status for status, _ in answers} == {200}
        assert {release_id for _, release_id in answers} == {first.release_id, second}
        with _client(data, port, password) as client:
            ready = client.get("/ready").json()
            assert (ready["release"], ready["is_current"]) == (second, True)
            withdraw(data, [second], "a test", even_current=True)
            withdraw(data, [first.release_id], "a test")
            assert not store_file(data, second).exists()
            answer = client.get(f"/preg/person/{nin}")
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
            assert client.get("/ready").status_code == 503
            assert client.get("/health").status_code == 200
    lines, problems = verify(data)
    assert problems == []
    assert lines == len(answers)


def test_it_ends_when_it_is_told_to_and_its_log_is_whole_when_it_is_killed(data: Settings) -> None:
    password = _password(data)
    with _served(data) as (process, port), _client(data, port, password) as client:
        assert client.get("/preg/person/08889499150").status_code == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=_WAIT) in (0, -signal.SIGTERM)
    with _served(data) as (process, port), _client(data, port, password) as client:
        assert client.get("/preg/person/08889499150").status_code == 404
        process.kill()
        process.wait()
    with _served(data), _client(data, port):
        assert verify(data) == (2, [])


def test_a_client_that_sends_nothing_does_not_keep_its_place(data: Settings) -> None:
    password = _password(data)
    with _served(data, PREG_SERVE_REQUEST_SECONDS="1") as (_, port):
        context = ssl.create_default_context(cafile=str(data.serving_dir / "tls" / "ca.pem"))
        for sent in (b"", b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: "):
            with (
                socket.create_connection(("localhost", port), timeout=_WAIT) as plain,
                context.wrap_socket(plain, server_hostname="localhost") as connection,
            ):
                connection.sendall(sent)
                assert connection.recv(100) == b""
        with _client(data, port, password) as client:

            def slowly() -> Iterator[bytes]:
                yield b"<"
                time.sleep(3)
                yield b">"

            answer = client.post("/personregister-xml/", content=slowly())
            assert answer.status_code == 408


def test_what_cannot_be_served_is_told_before_anything_is(data: Settings) -> None:
    refused = preg("serve", "--data", data.data_dir, "--host", "192.0.2.1", PREG_SERVE_TLS="behind_proxy")
    assert (refused.returncode, "without TLS" in refused.stderr) == (1, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = preg("serve", "--data", data.data_dir, "--port", str(port))
    assert (refused.returncode, "cannot be listened on" in refused.stderr) == (1, True)
    refused = preg("serve", "--data", data.data_dir, PREG_SERVE_CERTIFICATE="x.pem")
    assert (refused.returncode, "belong together" in refused.stderr) == (1, True)
    refused = preg("serve", "--sample", "--data", data.data_dir)
    assert (refused.returncode, "not made as a test environment" in refused.stderr) == (1, True)
