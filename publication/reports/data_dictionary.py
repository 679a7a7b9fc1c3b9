"""The data dictionary: every field of PREG with where it comes from and the rule that makes it, as Markdown.

Written from the field mapping, the code lists and the rules' own SQL: it says what the build does.
"""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.contracts.tables import rows

_ENTITIES = (
    ("Person", "preg_person", "The person record, as PREG's clients know it."),
    ("Store", "preg_person", "What PREG's store has besides."),
    ("Address", "preg_address", "An address, present or former; `preg_other_address` has the same columns."),
)
_NOTE = "<!-- Generated from dbt_project/seeds/field_mapping.csv by `make dictionary`; a test keeps it fresh. -->"


def data_dictionary(dbt_project: Path) -> str:
    """The whole dictionary, from the files of `dbt_project`. Links are relative to `docs/`."""
    mapping = _read(dbt_project / "seeds" / "field_mapping.csv")
    codes = _read(dbt_project / "seeds" / "code_list.csv")
    parts = [
        _NOTE,
        "# Data dictionary",
        "How to read it: a column, what it may hold (of persons who do not exist), what it means, the Freg path that"
        " it is made of, the rule that makes it, where Persontjenesten has it, how the two correspond, and"
        " whether that is documented or inferred by us, and by which public document.",
    ]
    for entity, view, about in _ENTITIES:
        parts += [f"## {entity} (`{view}`)", about, _table(_FIELD_HEAD, _fields(mapping, entity))]
    parts += ["## Rules", *_rules(dbt_project)]
    parts += ["## Code lists", *_code_lists(codes)]
    return "\n\n".join(parts) + "\n"


_FIELD_HEAD = (
    "column",
    "PREG",
    "type",
    "example",
    "meaning",
    "Freg",
    "rule",
    "Persontjenesten",
    "correspondence",
    "basis",
    "source",
)


def _fields(mapping: list[dict[str, str]], entity: str) -> Iterator[tuple[str, ...]]:
    contract = {(row["entity"], row["field"]): row for row in rows("preg_fields")}
    for row in mapping:
        if row["preg_entity"] != entity:
            continue
        field = contract[entity, row["preg_field"]]
        yield (
            f"`{row['column_name']}`",
            row["preg_field"],
            field["type"],
            row["example"],
            f"{field['meaning']}. {row['comment_en']} / {row['comment_no']}",
            _code(row["freg_path"]),
            row["build_rule"],
            _code(row["persontjenesten_path"]),
            row["correspondence"],
            row["basis"],
            "; ".join(
                part
                for part in (
                    row["source"],
                    row["persontjenesten_source"]
                    and f"Persontjenesten: {row['persontjenesten_basis']}, {row['persontjenesten_source']}",
                )
                if part
            ),
        )


def _rules(dbt_project: Path) -> Iterator[str]:
    """The rules of the fields as SQL: the comments and expressions between the first field and the relation."""
    for name, heading in (("preg_person", "A person"), ("preg_address", "An address")):
        text = (dbt_project / "macros" / f"{name}.sql").read_text(encoding="utf-8")
        body = text[text.index("{%- endfor %}") + len("{%- endfor %}") : text.index("    from (")]
        body = textwrap.dedent(body.partition("{%- if with_values %}")[0]).strip()
        yield f"### {heading}"
        yield (
            f"[macros/{name}.sql](../dbt_project/macros/{name}.sql); a function with a schema before it"
            " (`text.normalized`) is in the macro file of that name."
        )
        yield f"```sql\n{body}\n```"


def _code_lists(codes: list[dict[str, str]]) -> Iterator[str]:
    for name in dict.fromkeys(row["code_list"] for row in codes):
        of_list = [row for row in codes if row["code_list"] == name]
        yield f"### {name}"
        yield _table(
            ("code", "meaning", "Freg", "Persontjenesten", "basis", "comment"),
            (
                (
                    row["code"],
                    row["code_meaning"],
                    _code(row["freg_value"]),
                    _code(row["persontjenesten_value"]),
                    row["basis"],
                    row["comment"],
                )
                for row in of_list
            ),
        )


def _table(head: Iterable[str], lines: Iterable[tuple[str, ...]]) -> str:
    head = tuple(head)
    cells = [head, ("---",) * len(head), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in cells)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
