"""Deliveries that attack the loader: each is refused, or its documents are in quarantine, and the rest is loaded."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from foundation.errors import DeliveryRefused
from foundation.settings import Settings
from ingest.deliveries import LoadReport, load_new, loading_session
from ingest.quarantine import retry_quarantine, show_quarantine
from tests.support.deliveries import as_lines, deliver, deliver_documents, packed
from tests.support.persons import freg_line, freg_person, number
from tests.support.running import REPOSITORY

KARI = number("1980-05-17", 100)
OLA = number("1990-02-03", 101)
NAME = "persons-0001.ndjson"
FOUR_GB = 4 << 20  # in the kilobytes of ru_maxrss


def good(sequence: int, nin: str = KARI) -> dict[str, Any]:
    return freg_line(sequence, freg_person(nin))


def load(settings: Settings, records: list[Any], **given: Any) -> LoadReport:
    deliver_documents(settings.landing_dir, "freg", "d1", records, **given)
    return load_new(settings, ["freg"])


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


# The session that loads.


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_text('/etc/hostname')",
        "select * from read_csv('/etc/passwd')",
        "select * from glob('/etc/*')",
        "copy (select 1) to '{outside}'",
        "attach '{outside}' as other",
        "export database '{outside}'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "reset lock_configuration",
    ],
)
def test_a_loading_session_reaches_nothing_but_deliveries(settings: Settings, statement: str) -> None:
    outside = settings.landing_dir.parent / "outside"
    with loading_session(settings) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement.format(outside=outside))
    assert not outside.exists()


def test_a_link_in_the_landing_folder_leads_a_loading_session_nowhere(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (settings.landing_dir / "link.txt").symlink_to(tmp_path / "secret.txt")
    with loading_session(settings) as connection, pytest.raises(duckdb.Error):
        connection.execute(f"select * from read_text('{settings.landing_dir / 'link.txt'}')")


@pytest.mark.parametrize("folder", ["f*g", "[ab]", "it's", 'a"b', "source=freg", "æ ø å", "{x}", "$$"])
def test_the_folders_of_the_installation_may_be_called_anything(tmp_path: Path, folder: str) -> None:
    """A neighbour that the name would find if it were a pattern is not read."""
    settings = Settings(landing_dir=tmp_path / folder / "landing", data_dir=tmp_path / folder / "data")
    for neighbour in ("fxg", "a"):
        deliver_documents(tmp_path / neighbour / "landing", "freg", "d1", [good(1), good(2, OLA)])
    report = load(settings, [good(1)])
    assert report.refused == []
    assert ask(settings, "select sekvensnummer, file_name from raw.freg_document") == [(1, NAME)]


def test_folders_may_be_given_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(landing_dir=Path("landing"), data_dir=Path("data"))
    assert load(settings, [good(1)]).refused == []


# Documents that are too large, too deep, too many things.


def objects(depth: int) -> str:
    return '{"sekvensnummer": 3, "x": ' + '{"b":{},"a":' * depth + "1" + "}" * depth + "}"


def lists(depth: int) -> str:
    return '{"sekvensnummer": 3, "x": ' + "[" * depth + "]" * depth + "}"


def wide(members: int) -> str:
    return json.dumps({**good(3), **{f"unknown_{member}": 1 for member in range(members)}})


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (objects(65), "too_deep"),
        (lists(100), "too_deep"),
        (lists(9_000), "too_deep"),
        (lists(50_000), "too_many_elements"),
        (objects(50_000), "too_many_elements"),
        (wide(200_000), "too_many_elements"),
        ('{"sekvensnummer": 3, "x": [' + "1," * 30_000 + "1]}", "too_many_elements"),
        ('{"x": "' + "y" * (5 << 20) + '"}', "too_large"),
        ("[" * (5 << 20), "too_large"),
    ],
    ids=lambda value: value if len(value) < 40 else value[:30],
)
def test_a_document_beyond_the_limits_goes_to_quarantine_and_the_rest_is_loaded(
    settings: Settings, document: str, code: str
) -> None:
    report = load(settings, [good(1), document, good(2, OLA)])
    assert report.refused == []
    assert ask(settings, "select line_number, reason_code from raw.quarantine") == [(2, code)]
    assert ask(settings, "select sekvensnummer from raw.freg_document order by 1") == [(1,), (2,)]
    (shown,) = show_quarantine(settings, "freg", "d1")
    assert len(shown.shape) < 200
    (retried,) = retry_quarantine(settings)
    assert retried.counts.quarantined == 1


@pytest.mark.parametrize(
    "text", ["[" * 1_000, "{" * 1_000, '\\"[[[[' * 500, "," * 30_000, ":{" * 9_000, "\\\\" * 1_000 + "[{"]
)
def test_brackets_and_commas_in_a_text_are_text(settings: Settings, text: str) -> None:
    line = good(3)
    line["dokumentidentifikator"] = "TEXT"
    report = load(settings, [json.dumps(line).replace("TEXT", text)])
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (1, 0)


def test_a_document_as_deep_and_as_large_as_may_be_is_loaded(settings: Settings) -> None:
    """With unknown elements, which are kept."""
    deep = {**good(1), "x": json.loads("[" * 63 + "]" * 63)}
    large = {**good(2, OLA), "y": "z" * 4_000_000}
    report = load(settings, [deep, large])
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (2, 0)
    assert set(counts.unknown_elements) == {"$.x", "$.y"}


def test_the_limits_are_settings(settings: Settings) -> None:
    strict = settings.model_copy(update={"largest_document": 9_000, "most_elements": 200, "deepest_document": 20})
    records = [good(1), good(2, OLA), {**good(3), "x": "y" * 9_000}, wide(300), lists(21)]
    deliver_documents(strict.landing_dir, "freg", "d1", records, kind="change")
    strict = strict.model_copy(update={"refuse_share": 1})
    load_new(strict, ["freg"])
    assert ask(settings, "select line_number, reason_code from raw.quarantine order by all") == [
        (3, "too_large"),
        (4, "too_many_elements"),
        (5, "too_deep"),
    ]


def test_lines_keep_their_numbers_beside_one_that_is_too_long(settings: Settings) -> None:
    records = ['{"x": "' + "y" * (5 << 20) + '"}', good(1), "broken", good(2, OLA), good(3)]
    for ending in ("", ".gz", ".zst"):
        name = NAME + ending
        deliver(
            settings.landing_dir, "freg", f"d{ending}x", {name: packed(name, b"\n" + as_lines(records))}, kind="change"
        )
    report = load_new(settings, ["freg"])
    assert report.refused == []
    assert set(ask(settings, "select line_number, reason_code, document from raw.quarantine")) == {
        (2, "too_large", None),
        (4, "not_json", "broken"),
    }
    assert list((settings.work_dir).glob("loading*")) == []


def test_names_that_look_like_paths_are_names(settings: Settings) -> None:
    person = freg_person(KARI)
    person["identifikasjonsnummer[0].status"] = 5
    person["navn[0]"] = {"fornavn": 5}
    person['x"; drop table raw.delivery; --'] = 1
    report = load(settings, [freg_line(1, person)])
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined, len(counts.unknown_elements)) == (1, 0, 3)


def test_a_name_that_stands_twice_counts_as_it_stands_first(settings: Settings) -> None:
    line = json.dumps(good(1))[:-1] + ', "x": 1, "x": {"y": 2}}'
    ((_, counts),) = load(settings, [line]).loaded
    assert (counts.loaded, counts.unknown_elements) == (1, {"$.x": 1})
    assert ask(settings, "select unknown_elements ->> '$.\"$.x\"' from raw.freg_document") == [("1",)]


# What files unpack to.


def _bomb(ending: str, block: bytes, blocks: int) -> bytes:
    first = as_lines([good(1)])
    if ending == ".gz":
        return gzip.compress(first + block * blocks)
    packer = zstandard.ZstdCompressor().compressobj()
    return b"".join([packer.compress(first), *(packer.compress(block) for _ in range(blocks)), packer.flush()])


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize(
    "block", [b" " * (1 << 20), b"{" * (1 << 20), b"\n" * (1 << 20)], ids=["blanks", "line", "ends"]
)
def test_a_file_that_unpacks_to_far_too_much_is_refused(settings: Settings, ending: str, block: bytes) -> None:
    name = NAME + ending
    deliver(settings.landing_dir, "freg", "bomb", {name: _bomb(ending, block, 100)}, rows={name: 2})
    deliver_documents(settings.landing_dir, "freg", "good", [good(1)], sequence_to=2000)
    report = load_new(settings, ["freg"])
    (refusal,) = report.refused
    assert "unpacks to more than" in refusal.what
    assert refusal.where.endswith(name)
    assert len(report.loaded) == 1


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_a_file_with_more_records_than_the_manifest_says_is_left_at_once(settings: Settings, ending: str) -> None:
    name = NAME + ending
    content = packed(name, as_lines([good(1)]) * 3_000)
    deliver(settings.landing_dir, "freg", "d1", {name: content}, rows={name: 2})
    (refusal,) = load_new(settings, ["freg"]).refused
    assert "the manifest says 2 records, the file has more" in refusal.what


_WHOLE = as_lines([good(1)])


@pytest.mark.parametrize(
    ("ending", "content", "words"),
    [
        (".gz", _WHOLE, "its content is not"),
        (".zst", _WHOLE, "its content is not"),
        (".gz", gzip.compress(_WHOLE) + b"garbage", "follows the end"),
        (".zst", packed("x.zst", _WHOLE) + b"garbage", "follows the end"),
        (".gz", gzip.compress(_WHOLE)[:-9], "truncated"),
        (".zst", packed("x.zst", _WHOLE)[:-9], "truncated"),
        (".gz", b"\x1f\x8b\x08\x00garbage that is none", "cannot be read to its end"),
    ],
    # Names of our own: gzip writes the second into its bytes, and two workers that collect in different
    # seconds would have different tests.
    ids=["gz-plain", "zst-plain", "gz-trailing", "zst-trailing", "gz-cut", "zst-cut", "gz-garbage"],
)
def test_damaged_compression_is_called_that(settings: Settings, ending: str, content: bytes, words: str) -> None:
    name = NAME + ending
    deliver(settings.landing_dir, "freg", "d1", {name: content}, rows={name: 1})
    (refusal,) = load_new(settings, ["freg"]).refused
    assert words in refusal.what
    assert refusal.where.endswith(name)


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_files_put_together_of_compressed_parts_are_whole(settings: Settings, ending: str) -> None:
    name = NAME + ending
    content = packed(name, as_lines([good(1)])) + packed(name, as_lines([good(2, OLA)]))
    deliver(settings.landing_dir, "freg", "d1", {name: content}, rows={name: 2})
    ((_, counts),) = load_new(settings, ["freg"]).loaded
    assert counts.loaded == 2


_LOAD = """
import resource, sys
from pathlib import Path
from foundation.settings import Settings
from ingest.deliveries import load_new
report = load_new(Settings(landing_dir=Path(sys.argv[1]), data_dir=Path(sys.argv[2])), ["freg"])
print(len(report.loaded), len(report.refused), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _load_apart(settings: Settings) -> tuple[int, int, int]:
    """Deliveries loaded and refused, and the most memory (kB) that a process of its own has taken."""
    result = subprocess.run(
        [sys.executable, "-c", _LOAD, str(settings.landing_dir), str(settings.data_dir)],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    # DuckDB may have drawn its progress before.
    loaded, refused, memory = map(int, result.stdout.split()[-3:])
    return loaded, refused, memory


@pytest.mark.slow
def test_bombs_are_refused_in_little_memory(settings: Settings) -> None:
    """Four gigabytes in a megabyte; records without end; and next to them a good delivery."""
    name = f"{NAME}.zst"
    for number_of, block in enumerate([b" " * (1 << 20), as_lines([good(1)]) * 500]):
        content = _bomb(".zst", block, 4_000)
        deliver(settings.landing_dir, "freg", f"bomb{number_of}", {name: content}, rows={name: 2})
    deliver_documents(settings.landing_dir, "freg", "good", [good(1)], sequence_to=2000)
    loaded, refused, memory = _load_apart(settings)
    assert (loaded, refused) == (1, 2)
    assert memory < FOUR_GB


@pytest.mark.slow
def test_many_documents_at_the_limits_are_loaded_in_bounded_memory(settings: Settings) -> None:
    records = [wide(18_000).replace('"sekvensnummer": 3', f'"sekvensnummer": {place}') for place in range(3, 23)]
    records += [lists(60)[:-1] + ', "y": "' + "z" * 4_000_000 + '"}'] * 20
    deliver_documents(settings.landing_dir, "freg", "d1", [*records, *(good(place) for place in range(30, 60))])
    loaded, refused, memory = _load_apart(settings)
    assert (loaded, refused) == (1, 0)
    assert memory < FOUR_GB


# Files that are none.


def _replace_by(kind: str, file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    file.unlink()
    if kind == "a link":
        (tmp_path / "elsewhere").write_bytes(content)
        file.symlink_to(tmp_path / "elsewhere")
    elif kind == "a pipe":
        os.mkfifo(file)
    else:
        file.mkdir()


@pytest.mark.parametrize("kind", ["a link", "a pipe", "a folder"])
def test_a_file_of_a_delivery_is_a_file(settings: Settings, tmp_path: Path, kind: str) -> None:
    folder = deliver_documents(settings.landing_dir, "freg", "d1", [good(1)])
    _replace_by(kind, folder / NAME, tmp_path)
    (refusal,) = load_new(settings, ["freg"]).refused
    assert f"is {kind}, not a file" in refusal.what


# What kills the process.

_DIE = """
import os, sys
from pathlib import Path
from foundation.settings import Settings
from ingest import deliveries
deliveries._load_files = lambda *_: os._exit(9)
deliveries.load_new(Settings(landing_dir=Path(sys.argv[1]), data_dir=Path(sys.argv[2])), ["freg"])
"""


def _die_while_loading(settings: Settings) -> None:
    arguments = [sys.executable, "-c", _DIE, str(settings.landing_dir), str(settings.data_dir)]
    assert subprocess.run(arguments, cwd=REPOSITORY, check=False).returncode == 9


def test_a_delivery_over_which_a_process_died_is_named_and_tried_again(settings: Settings) -> None:
    deliver_documents(settings.landing_dir, "freg", "d1", [good(1)])
    _die_while_loading(settings)
    report = load_new(settings, ["freg"])
    assert report.notices == ["the last load ended without a word while loading freg/d1; it is tried again"]
    assert len(report.loaded) == 1
    assert load_new(settings, ["freg"]).notices == []


def test_after_three_crashes_a_delivery_is_set_aside_until_it_is_asked_for(settings: Settings) -> None:
    from ingest.load_attempts import reset_crashes

    deliver_documents(settings.landing_dir, "freg", "d1", [good(1)])
    for _ in range(3):
        _die_while_loading(settings)
    deliver_documents(settings.landing_dir, "freg", "d2", [good(1001, OLA)], sequence_from=1001, sequence_to=1001)
    report = load_new(settings, ["freg"])
    (refusal,) = report.refused
    assert "crashed 3 times" in refusal.what
    assert "preg quarantine retry-delivery freg/d1" in refusal.todo
    assert [delivery.manifest.delivery_id for delivery, _ in report.loaded] == ["d2"]
    reset_crashes(settings, "freg/d1")
    assert len(load_new(settings, ["freg"]).loaded) == 1


def test_a_refused_delivery_is_no_crash(settings: Settings) -> None:
    folder = deliver_documents(settings.landing_dir, "freg", "d1", [good(1)])
    (folder / NAME).write_bytes(b"another content")
    for _ in range(4):
        report = load_new(settings, ["freg"])
        assert report.notices == []
        with pytest.raises(DeliveryRefused, match="wrong size"):
            report.raise_if_refused()
