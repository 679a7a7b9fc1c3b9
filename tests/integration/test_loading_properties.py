"""Whatever a document is, it is either loaded as it says or in quarantine with a reason; none is lost."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.database import session
from foundation.settings import Settings
from ingest.contracts.freg import line_contract
from ingest.deliveries import load_new
from tests.support.deliveries import as_lines, deliver
from tests.support.persons import freg_line, freg_person, number, residence

NIN = number("1980-05-17", 100)
NAME = "persons-0001.ndjson"
_CONTRACT = {path.path for path in line_contract().paths()}

_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=6), children, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    places = [path]
    if isinstance(value, dict):
        for key, child in value.items():
            places += _places(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            places += _places(child, (*path, index))
    return places


def _document(sequence: int) -> dict[str, Any]:
    return freg_line(sequence, freg_person(NIN, bostedsadresse=[residence(), residence("Gamleveien", current=False)]))


@st.composite
def _mutated(draw: st.DrawFn) -> dict[str, Any] | str | bytes:
    """A document with one place replaced by something else, a part of its text cut out, or bytes that are no text."""
    document = _document(draw(st.integers(1, 50)))
    kind = draw(st.sampled_from(["replace", "remove", "cut", "bytes"]))
    if kind == "cut":
        text = json.dumps(document)
        start = draw(st.integers(0, len(text)))
        return text[:start] + text[start + draw(st.integers(1, 40)) :] or "{}"
    if kind == "bytes":
        return draw(st.binary(min_size=1, max_size=40)).replace(b"\n", b"?").replace(b"\r", b"?").strip() or b"?"
    place = draw(st.sampled_from(_places(document)[1:]))
    parent = document
    for step in place[:-1]:
        parent = parent[step]
    if kind == "replace":
        parent[place[-1]] = draw(_json)  # type: ignore[index]
    else:
        del parent[place[-1]]  # type: ignore[attr-defined]
    return document


@settings(max_examples=25)
@given(st.lists(_mutated(), min_size=1, max_size=40))
def test_no_document_is_lost_and_none_stops_the_load(documents: list[Any]) -> None:
    _each_is_loaded_right_or_in_quarantine(documents)


@pytest.mark.slow
@settings(max_examples=250, derandomize=True)
@given(st.lists(_mutated(), min_size=40, max_size=40))
def test_none_of_ten_thousand_documents_is_lost(documents: list[Any]) -> None:
    _each_is_loaded_right_or_in_quarantine(documents)


def _each_is_loaded_right_or_in_quarantine(documents: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # Whatever share of them does not fit: a delivery is not refused for it here.
        preg = Settings(landing_dir=Path(folder) / "landing", data_dir=Path(folder) / "data", refuse_share=1)
        deliver(
            preg.landing_dir, "freg", "d1", {NAME: as_lines(documents)}, rows={NAME: len(documents)}, sequence_to=50
        )
        report = load_new(preg, ["freg"])
        assert report.refused == []
        ((_, counts),) = report.loaded
        assert counts.loaded + counts.quarantined == len(documents)
        with session(preg, preg.warehouse, read_only=True) as connection:
            reasons = connection.execute("select reason_code, reason, line_number from raw.quarantine").fetchall()
            loaded = connection.execute(
                "select sekvensnummer, to_json(folkeregisterperson), unknown_elements from raw.freg_document"
            ).fetchall()
        assert all(code and reason and line for code, reason, line in reasons)
    sent = [document for document in map(_parsed, documents) if isinstance(document, dict)]
    for _, person, unknown in loaded:
        kept = _without_nulls(json.loads(person))
        matches = [document for document in sent if _same(kept, _known(document.get("folkeregisterperson")))]
        assert matches, kept
        assert any(_has_unknown(document) == (unknown is not None) for document in matches)


def _parsed(document: Any) -> Any:
    try:
        return json.loads(document, object_pairs_hook=_first_of_each) if isinstance(document, str | bytes) else document
    except ValueError:
        return None


def _first_of_each(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice in an object counts as it stands first (docs/deliveries.md)."""
    return dict(reversed(members))


def _known(person: Any) -> Any:
    """Of a person, what the contract knows, without what says nothing."""
    return _without_nulls(_pruned(person, "$.folkeregisterperson"))


def _has_unknown(document: dict[str, Any]) -> bool:
    return bool(_pruned(document, "$") != document)


def _pruned(value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(child, f"{path}.{key}") for key, child in value.items() if f"{path}.{key}" in _CONTRACT}
    if isinstance(value, list):
        return [_pruned(child, f"{path}[]") for child in value]
    return value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(child) for key, child in value.items() if child is not None and child != []}
    if isinstance(value, list):
        return [_without_nulls(child) for child in value]
    return value


def _same(loaded: Any, sent: Any) -> bool:
    """Whether a typed value says what the document said: points in time and numbers may be written differently."""
    if isinstance(loaded, dict) and isinstance(sent, dict):
        return set(loaded) <= set(sent) and all(
            _same(loaded.get(key), sent[key]) or sent[key] in ({}, "") for key in set(loaded) | set(sent)
        )
    if isinstance(loaded, list) and isinstance(sent, list):
        return len(loaded) == len(sent) and all(map(_same, loaded, sent))
    if isinstance(loaded, str) and isinstance(sent, str):
        return loaded == sent or loaded[:4] == sent[:4]
    return loaded == sent or str(loaded) == str(sent).strip()
