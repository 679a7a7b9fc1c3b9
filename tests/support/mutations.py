"""Any JSON, and lines of a Freg delivery with something wrong in them, for tests that try anything."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.support.persons import freg_line, freg_person, number, residence

NIN = number("1980-05-17", 100)

any_json = st.recursive(
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


def _line(sequence: int) -> dict[str, Any]:
    return freg_line(sequence, freg_person(NIN, bostedsadresse=[residence(), residence("Gamleveien", current=False)]))


@st.composite
def mutated_line(draw: st.DrawFn) -> dict[str, Any] | str | bytes:
    """A document with one place replaced by something else, a part of its text cut out, or bytes that are no text."""
    document = _line(draw(st.integers(1, 50)))
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
        parent[place[-1]] = draw(any_json)  # type: ignore[index]
    else:
        del parent[place[-1]]  # type: ignore[attr-defined]
    return document
