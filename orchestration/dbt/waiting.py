"""A dbt that is loaded already and waits for the arguments of one call.

`preg run` starts it when something is new: dbt's imports and the parsed project (two to three seconds) come while
deliveries are loaded. `preg-dbt`, as Dagster calls it, hands its arguments, environment and output over (`hand_over`),
and ends as the waiting dbt ends. Without one, or when it did not come up, dbt runs in the process that was called.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

# Names the socket of the waiting dbt.
SOCKET = "PREG_DBT_WAITING"
# The argument by which `preg-dbt` becomes the waiting one.
WAIT = "wait-for-one-call"

_LENGTH_BYTES = 8
_GO_ON = b"."
_SECONDS_TO_END = 10
_DIED = 2


@contextmanager
def waiting_dbt(executable: str) -> Iterator[None]:
    """Have a dbt wait while the block runs; what it has not been asked to do by then, it never does.

    None waits where there is no place for its socket, or it cannot be started.
    """
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(_waiting(executable))
        yield


@contextmanager
def _waiting(executable: str) -> Iterator[None]:
    # Nobody else may enter the folder, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="preg-dbt-"))
    path = folder / "socket"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(path))
            listener.listen(1)
            process = _start(executable, listener)
        os.environ[SOCKET] = str(path)
        try:
            yield
        finally:
            del os.environ[SOCKET]
            # Its input ends here, and so does it.
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=_SECONDS_TO_END)
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(executable: str, listener: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [executable, WAIT, str(listener.fileno())],
        pass_fds=[listener.fileno()],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # What interrupts a run reaches it by the one that asked it, as any dbt.
        start_new_session=True,
    )


def hand_over(arguments: list[str]) -> int | None:
    """Have the waiting dbt run with these arguments, with this process's environment, directory and output.

    Returns its exit status once its process has ended, so that it holds no file any longer; None where none waits.
    """
    path = os.environ.get(SOCKET, "")
    if not path:
        return None
    interrupted = signal.getsignal(signal.SIGINT)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(path)
            call = {"arguments": arguments, "environment": dict(os.environ), "directory": str(Path.cwd())}
            content = json.dumps(call).encode()
            socket.send_fds(connection, [len(content).to_bytes(_LENGTH_BYTES)], [1, 2])
            connection.sendall(content)
            process = os.pidfd_open(int(_line(connection)))
            signal.signal(signal.SIGINT, lambda number, _: signal.pidfd_send_signal(process, number))
            connection.sendall(_GO_ON)
        except (OSError, ValueError, AttributeError):
            # It is not there, did not come up, or nobody could say when it ends (an older kernel). It runs nothing
            # before it is told to go on.
            signal.signal(signal.SIGINT, interrupted)
            return None
        select.select([process], [], [])
        os.close(process)
        status = b""
        with suppress(OSError):
            status = _line(connection)
    if not status:
        print("dbt ended without a status", file=sys.stderr)
        return _DIED
    return int(status)


def wait(listener: int, load: Callable[[], None], run: Callable[[list[str]], int]) -> int:
    """Be the waiting dbt: load, then run the one call that comes to the socket with this file descriptor.

    Returns the exit status of the run.

    Ends at once when the process that started it ends, and when the one that called it does.
    """
    with socket.socket(fileno=listener) as waiting:
        folder = Path(waiting.getsockname()).parent

        def clean_up_and_end() -> None:
            # A run that was killed cannot do it.
            shutil.rmtree(folder, ignore_errors=True)
            _end()

        _when_ended(lambda: os.read(0, 1), clean_up_and_end)
        load()
        connection, _ = waiting.accept()
    with connection:
        first, outputs, *_ = socket.recv_fds(connection, _LENGTH_BYTES, 2)
        call = json.loads(_exactly(connection, int.from_bytes(first)))
        for ours, theirs in zip((1, 2), outputs, strict=True):
            os.dup2(theirs, ours)
            os.close(theirs)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        os.environ.clear()
        os.environ.update(call["environment"])
        os.chdir(call["directory"])
        connection.sendall(f"{os.getpid()}\n".encode())
        # Its caller knows by now which process to interrupt.
        if connection.recv(1) != _GO_ON:
            return _DIED
        _when_ended(lambda: connection.recv(1), _end)
        status = run(call["arguments"])
        connection.sendall(f"{status}\n".encode())
    return status


def _when_ended(read: Callable[[], bytes], act: Callable[[], None]) -> None:
    """Act when a read that nothing is ever sent to returns: the other end is gone."""

    def watch() -> None:
        with suppress(OSError):
            read()
        act()

    threading.Thread(target=watch, daemon=True).start()


def _end() -> None:
    # As a process that is killed: the warehouse survives such an end.
    os._exit(_DIED)


def _exactly(connection: socket.socket, length: int) -> bytes:
    content = b""
    while len(content) < length:
        piece = connection.recv(length - len(content))
        if not piece:
            raise ConnectionError("the call was cut off")
        content += piece
    return content


def _line(connection: socket.socket) -> bytes:
    """The next line, without its end; empty where the other side has ended."""
    content = b""
    while not content.endswith(b"\n"):
        piece = connection.recv(1)
        if not piece:
            return b""
        content += piece
    return content.rstrip(b"\n")
