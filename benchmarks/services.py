"""The services against a bare ASGI handler that reads one record by number from the same store.

    python -m benchmarks.services --data DIR

Each in a server process of its own, without TLS, asked over keep-alive connections by this process: compared are the
answers a second and the time of the slowest hundredth. Search is asked one question after another.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import json
import os
import random
import selectors
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foundation.settings import Settings
from publication.store.release import current_release
from serving.access.clients import Client, approve_client, order_client
from serving.interfaces.preg_xml import DATA, PREG
from serving.interfaces.soap.envelope import SECURITY, SOAP
from serving.store.build import build_store, store_file

_CONNECTIONS = 16
_SEED = 1


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="a data directory with a release")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    measured = measure(arguments.data, arguments.seconds)
    for name, values in measured.items():
        print(f"{name:28}", "  ".join(f"{key} {value:,.2f}" for key, value in values.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


def measure(built: Path, seconds: float) -> dict[str, dict[str, float]]:
    """Name of what was measured → its figures."""
    release = current_release(Settings(data_dir=built))
    assert release is not None  # noqa: S101
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        (settings.data_dir / "releases").symlink_to((built / "releases").resolve())
        began = time.perf_counter()
        store = build_store(settings, release)
        made = time.perf_counter() - began
        measured = {"making the store": {"seconds": made, "MiB": store.stat().st_size / 2**20}}
        with sqlite3.connect(store) as connection:
            numbers = [
                nin
                for (nin,) in connection.execute(
                    "select nin from search_person"
                    " where number % max(1, (select count(*) from search_person) / 5000) = 0"
                )
            ]
            names = connection.execute(
                "select given_name, sn, date_of_birth from search_person inner join preg_person using (nin)"
                " where given_name is not null and sn is not null and date_of_birth is not null"
                " and number % max(1, (select count(*) from search_person) / 400) = 0"
            ).fetchall()
        random.Random(_SEED).shuffle(numbers)  # noqa: S311
        name, password = _client(settings)
        with _server(settings, "benchmarks.services:bare") as (port, process):
            bare = _throughput(port, [_get(f"/{nin}") for nin in numbers], seconds)
            measured["bare handler"] = bare
        with _server(settings, "serving.server:application") as (port, process):
            basic = base64.b64encode(f"{name}:{password}".encode()).decode()
            header = f"Authorization: Basic {basic}\r\n"
            for label, requests in (
                ("REST look-up", [_get(f"/preg/person/{nin}", header) for nin in numbers]),
                ("SOAP look-up", [_soap(nin, name, password) for nin in numbers]),
            ):
                found = _throughput(port, requests, seconds)
                measured[label] = found | {
                    "of bare": found["per second"] / bare["per second"],
                    "p99 of bare's": found["p99 ms"] / bare["p99 ms"],
                }
            for label, bodies in _searches(names).items():
                measured[label] = _one_by_one(port, [_post("/preg/search", body, header) for body in bodies])
            measured["memory of the process"] = {"MiB": _memory(process.pid)}
    return measured


def _client(settings: Settings) -> tuple[str, str]:
    now = dt.datetime.now(dt.UTC)
    client = Client(
        *("bench", "Bench", "999999999", "Bench", "bench@example.no", "forvaltning", "helseforetak", "benchmark"),
        *("ordered", "2026-01-01", "2199-12-31"),
        ordered_by="A",
    )
    order_client(settings, client, now)
    return "bench", approve_client(settings, "bench", "B", now, terms_accepted=True)


@contextmanager
def _server(settings: Settings, factory: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PREG_DATA_DIR": str(settings.data_dir),
        "PREG_SERVE_TLS": "behind_proxy",
        "PREG_SERVE_REQUESTS_PER_SECOND": "1000000",
        "PREG_SERVE_BURST": "1000000",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port), "--no-access-log"]
    process = subprocess.Popen([*command, "--log-level", "warning", "--loop", "uvloop"], env=environment)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, process
    finally:
        process.terminate()
        process.wait()


def bare() -> Any:
    """The unit: one indexed read, and its text."""
    settings = Settings()
    release = current_release(settings)
    assert release is not None  # noqa: S101
    place = f"{store_file(settings, release.release_id).resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(place, uri=True, check_same_thread=False)

    async def application(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        row = connection.execute("select * from preg_person where nin = ?", [scope["path"][1:]]).fetchone()
        body = json.dumps(row).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


def _get(path: str, header: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n".encode()


def _post(path: str, body: str, header: str = "", content_type: str = "application/json") -> bytes:
    content = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{header}Content-Type: {content_type}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def _soap(nin: str, name: str, password: str) -> bytes:
    body = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header><o:Security xmlns:o="{SECURITY}"><o:UsernameToken>'
        f"<o:Username>{name}</o:Username><o:Password>{password}</o:Password></o:UsernameToken></o:Security></s:Header>"
        f'<s:Body><GetPerson xmlns="{PREG}"><parameters xmlns:d="{DATA}"><d:NIN>{nin}</d:NIN></parameters></GetPerson>'
        "</s:Body></s:Envelope>"
    )
    return _post("/Personregister.WCF/PersonService.svc", body, content_type="application/soap+xml")


def _searches(names: Sequence[tuple[str, str, str]]) -> dict[str, list[str]]:
    return {
        "search, name and birth": [
            json.dumps({"FirstName": given, "LastName": sn, "DateOfBirth": born}) for given, sn, born in names
        ],
        "search, name": [json.dumps({"Name": f"{given} {sn}"}) for given, sn, _ in names],
        "search, a slip of the pen": [
            json.dumps({"Name": f"{given[:1]}{given[2:3]}{given[1:2]}{given[3:]} {sn}"}) for given, sn, _ in names
        ],
        "search, family name": [json.dumps({"LastName": sn}) for _, sn, _ in names],
    }


def _throughput(port: int, requests: Sequence[bytes], seconds: float) -> dict[str, float]:
    """Answers a second over several connections, each asking again when it was answered."""
    _exchange(port, requests, 1.0)
    times = _exchange(port, requests, seconds)
    return {"per second": len(times) / seconds, "p50 ms": _share(times, 0.5), "p99 ms": _share(times, 0.99)}


def _exchange(port: int, requests: Sequence[bytes], seconds: float) -> list[float]:
    selector = selectors.DefaultSelector()
    times: list[float] = []
    asked = 0
    for _ in range(_CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, [time.perf_counter(), b""])
        connection.sendall(requests[asked % len(requests)])
        asked += 1
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        for key, _ in selector.select(0.1):
            state = key.data
            state[1] += key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
            if not _is_whole(state[1]):
                continue
            now = time.perf_counter()
            times.append(now - state[0])
            state[:] = [now, b""]
            key.fileobj.sendall(requests[asked % len(requests)])  # type: ignore[union-attr]
            asked += 1
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    return times


def _one_by_one(port: int, requests: Sequence[bytes]) -> dict[str, float]:
    times = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for request in requests:
            began = time.perf_counter()
            connection.sendall(request)
            answer = b""
            while not _is_whole(answer):
                answer += connection.recv(1 << 16)
            times.append(time.perf_counter() - began)
    return {"p50 ms": _share(times, 0.5), "p95 ms": _share(times, 0.95), "worst ms": max(times) * 1000}


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    lower = head.lower()
    if not lower.startswith(b"http/1.1 200") and not lower.startswith(b"http/1.1 4"):
        raise RuntimeError(answer[:200].decode("latin-1"))
    return len(body) >= int(lower.partition(b"content-length: ")[2].partition(b"\r\n")[0])


def _share(times: Sequence[float], share: float) -> float:
    return statistics.quantiles(times, n=1000)[round(share * 1000) - 1] * 1000


def _memory(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
