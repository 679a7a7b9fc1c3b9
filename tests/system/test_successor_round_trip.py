"""What Persontjenesten's own paths say of a release, delivered as Persontjenesten, compares equal with the release."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
import pytest

from foundation.settings import Settings
from publication.store.release import current_release
from serving.services.persontjenesten.persons import Selection, persons_by_number
from tests.conftest import SAMPLE
from tests.support.deliveries import deliver
from tests.support.running import preg_run
from tests.support.serving import Served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built sample")]

# PREG has the name at the first marriage, and not when it began: Persontjenesten's documents tell it by the day.
NOT_TOLD = {("Store", "maiden_name")}


def test_a_release_in_the_successors_words_is_the_release(served: Served, tmp_path: Path) -> None:
    reader = served.reader("persontjenesten_legal_basis")
    numbers = [row["nin"] for row in reader.rows("select nin from preg_person order by nin", {})]
    documents = [
        document
        for begin in range(0, len(numbers), 100)
        for document in persons_by_number(reader, numbers[begin : begin + 100], Selection(history=True)).documents
    ]
    assert len(documents) == len(numbers)
    for place, document in enumerate(documents, 1):
        document["sequenceNumber"] = place
    landing = tmp_path / "landing"
    for source in ("freg", "matrikkel"):
        shutil.copytree(SAMPLE / source, landing / source)
    delivery = sorted(folder.name for folder in (SAMPLE / "persontjenesten").iterdir())[-1]
    content = b"".join(orjson.dumps(document) + b"\n" for document in documents)
    deliver(
        landing,
        "persontjenesten",
        delivery,
        {"persons-0001.ndjson": content},
        sequence_from=1,
        sequence_to=len(documents),
    )
    data = tmp_path / "data"
    result = preg_run(landing, data)
    assert result.returncode == 0, result.stderr
    release = current_release(Settings(data_dir=data))
    assert release is not None
    with release.open() as connection:
        differing = set(
            connection.execute(
                "select distinct entity, field from field_comparison_differences"
                " where pair = 'preg_persontjenesten' and difference_kind <> 'timing'"
            ).fetchall()
        )
        compared = connection.execute(
            "select count(*) from field_comparison_summary where pair = 'preg_persontjenesten' and compared > 0"
        ).fetchone()
    assert differing == NOT_TOLD
    assert compared is not None
    assert compared[0] > 30
