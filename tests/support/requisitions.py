"""A process that has help numbers issued from many threads, until it is done or killed.

python -m tests.support.requisitions DATA ANSWERS NAME COUNT THREADS: of the test series; a line in ANSWERS per answer,
"key number", written after the answer and before the next call. What ANSWERS has is not asked for again; what a process
that was killed had asked for is, with the same keys.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from foundation.settings import Settings
from publication.access.access_profile import find_access_profile
from serving.help_numbers.person import Details
from serving.help_numbers.seen import Seen
from serving.help_numbers.service import By, HelpNumbers
from serving.settings import ServingSettings
from serving.store.read_store import CurrentStore
from tests.support.serving import new_client

# Few enough numbers that processes draw the same ones again and again.
SERIES = "8912"


def details_of(name: str, place: int) -> Details:
    """A person of whom nobody is a duplicate: each call of a process (a | b | …) has a day of birth of its own."""
    born = dt.date(1801, 1, 1) + dt.timedelta(days=2000 * "abcdefgh".index(name) + place)
    return Details(given_name=f"Prøve {name}", family_name="Testesen", date_of_birth=born, street=f"Prøveveien {place}")


def main(data: Path, answers: Path, name: str, count: int, threads: int) -> None:
    """Ask for `count` numbers."""
    settings = Settings(data_dir=data)
    help_numbers = HelpNumbers(settings, ServingSettings(help_number_series=SERIES))
    store, profile = CurrentStore(settings), find_access_profile(settings, "helseforetak")
    client = new_client("helseforetak", may_requisition=True)
    known = {line.split()[0] for line in answers.read_text().splitlines()} if answers.exists() else set()
    file = os.open(answers, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def ask(place: int) -> None:
        key = f"{name}-{place}"
        if key in known:
            return
        reader = store.store().reader(profile)
        found = help_numbers.requisition(
            By(client, reader, key, "test"), details_of(name, place), none_of_these=place % 2 == 0
        )
        assert isinstance(found, Seen)
        os.write(file, f"{key} {found.record['nin']}\n".encode())

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(ask, range(count)):
            pass


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
