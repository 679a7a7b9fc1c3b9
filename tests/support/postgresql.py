"""A PostgreSQL server of Debian's package, in a folder, reached by a socket there alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Server:
    """A running server: `place` is its address."""

    folder: Path

    @property
    def place(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def command(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs, as a user that it allows."""
        found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
        assert found, "PostgreSQL is not installed: make postgresql"
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*as_user, str(found[-1]), *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def start(self) -> None:
        data = str(self.folder / "data")
        log = str(self.folder / "log")
        self.command("pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", f"-k {self.folder} -h ''")

    def stop(self, mode: str = "fast") -> None:
        """mode: fast, or immediate as a power cut is."""
        self.command("pg_ctl", "stop", "-w", "-D", str(self.folder / "data"), "-m", mode)


@contextmanager
def running_server() -> Iterator[Server]:
    """A server with an empty database; it and its folder go at the end."""
    # A socket's path is short: pytest's folders are too long for it.
    server = Server(Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp")))
    try:
        if os.geteuid() == 0:
            shutil.chown(server.folder, "postgres", "postgres")
        server.folder.chmod(0o755)
        server.command("initdb", "-D", str(server.folder / "data"), "-A", "trust", "-U", "postgres", "-E", "UTF8")
        server.start()
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(server.folder, ignore_errors=True)
