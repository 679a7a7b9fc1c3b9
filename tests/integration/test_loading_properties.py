"""Every document, of any form, is either loaded as it says or in quarantine with a reason; none is lost."""

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
from tests.support.mutations import mutated_line

NAME = "persons-0001.ndjson"
_CONTRACT = {path.path for path in line_contract().paths()}
_TYPES = {path.path: path.json_types for path in line_contract().paths()}


@settings(max_examples=25)
@given(st.lists(mutated_line(), min_size=1, max_size=40))
def test_no_document_is_lost_and_none_stops_the_load(documents: list[Any]) -> None:
    _each_is_loaded_right_or_in_quarantine(documents)


@pytest.mark.slow
@settings(max_examples=250, derandomize=True)
@given(st.lists(mutated_line(), min_size=40, max_size=40))
def test_none_of_ten_thousand_documents_is_lost(documents: list[Any]) -> None:
    _each_is_loaded_right_or_in_quarantine(documents)


def _each_is_loaded_right_or_in_quarantine(documents: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # With any share of rejected records: a delivery is not refused for it here.
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
    sent = [_by_contract(document, "$") for document in map(_parsed, documents) if isinstance(document, dict)]
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
    """Of a name that occurs twice in an object the first counts (docs/deliveries.md)."""
    return dict(reversed(members))


def _known(person: Any) -> Any:
    """Of a person, what the contract knows, without what says nothing."""
    return _without_nulls(_pruned(person, "$.folkeregisterperson"))


def _has_unknown(document: dict[str, Any]) -> bool:
    return bool(_pruned(document, "$") != document)


def _by_contract(value: Any, path: str) -> Any:
    """A value with the form that the contract gives it: once or in a list, and nothing for an empty text."""
    types = _TYPES.get(path, ())
    is_grade = path.endswith(("graderingsnivaa", "adressegradering"))
    if isinstance(value, str) and not value.strip(" \t\n\r\f"):
        return "(blank)" if is_grade else None
    if "ARRAY" in types and value is not None and not isinstance(value, list) and _is_one(value, f"{path}[]"):
        value = [value]
    if types and "ARRAY" not in types and not path.endswith("[]") and isinstance(value, list):
        if not value:
            return value if is_grade else None
        if len(value) == 1 and _is_one(value[0], path):
            value = value[0]
    if isinstance(value, dict):
        return {key: _by_contract(child, f"{path}.{key}") for key, child in value.items()}
    if isinstance(value, list):
        # In a list an empty text stays: what follows it would come up.
        return [child if isinstance(child, str) else _by_contract(child, f"{path}[]") for child in value]
    return value


def _is_one(value: Any, path: str) -> bool:
    """Whether a value has a JSON type that the contract gives to `path`."""
    kind: dict[type, tuple[str, ...]] = {
        dict: ("OBJECT",),
        list: ("ARRAY",),
        str: ("VARCHAR",),
        bool: ("BOOLEAN",),
        int: ("UBIGINT", "BIGINT"),
        float: ("DOUBLE",),
    }
    return any(name in _TYPES.get(path, ()) for name in kind.get(type(value), ()))


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
