"""The models' YAML as far as it is written from elsewhere.

The columns of PREG's fields (name, type, description) come from the field mapping; what was written by hand stays: the
marts' own descriptions, columns that are not PREG's fields, and `data_tests`. Models of staging and of the
intermediate layer are described by the comment that opens them, in one `_<folder>.yml` per folder.
"""

from __future__ import annotations

import csv
import re
import textwrap
from pathlib import Path

from ingest.contracts.tables import rows

# The models that show PREG's fields: which entities of the mapping, and what a column is said to be where it is the
# field of another model.
MODELS = {
    "preg_person": (("Person", "Store"), ""),
    "preg_address": (("Address",), ""),
    "preg_other_address": (("Address",), "As preg_address.{column}."),
    "preg_person_earlier": (("Person", "Store"), "As preg_person.{column}, in that state."),
    "preg_address_earlier": (("Address",), "As preg_address.{column}, in that state."),
}
FILES = ("models/marts/preg/_preg.yml", "models/marts/history/_history.yml")

_TYPES = {"string": "varchar", "char": "varchar", "int": "integer", "bool": "boolean", "decimal": "decimal(12, 2)"}


def column_docs(dbt_project: Path) -> dict[Path, str]:
    """Each YAML file of the models that show PREG's fields, as it should be: the file and its text."""
    with (dbt_project / "seeds" / "field_mapping.csv").open(encoding="utf-8") as file:
        mapping = list(csv.DictReader(file))
    contract = {(row["entity"], row["field"]): row for row in rows("preg_fields")}
    written = {}
    for name in FILES:
        path = dbt_project / name
        # A model's block begins with its name, a column's too; what is between them stays as it is.
        blocks = re.split(r"(?m)^(?=  - name: )", path.read_text(encoding="utf-8"))
        written[path] = "".join(_model(block, mapping, contract) for block in blocks)
    return written


def _model(block: str, mapping: list[dict[str, str]], contract: dict[tuple[str, str], dict[str, str]]) -> str:
    model = block.removeprefix("  - name: ").partition("\n")[0].strip()
    if model not in MODELS:
        return block
    entities, elsewhere = MODELS[model]
    head, *columns = re.split(r"(?m)^(?=      - name: )", block)
    tail = "\n" if columns[-1].endswith("\n\n") else ""
    written = {
        column.removeprefix("      - name: ").partition("\n")[0].strip(): column.rstrip("\n") + "\n"
        for column in columns
    }
    fields = [row for row in mapping if row["preg_entity"] in entities]
    names = [row["column_name"] for row in fields]
    made = [_column(row, contract, written.get(row["column_name"], ""), elsewhere) for row in fields]
    before = [text for name, text in written.items() if name not in names and _precedes(name, written, names)]
    after = [text for name, text in written.items() if name not in names and not _precedes(name, written, names)]
    return head + "".join(before + made + after) + tail


def _precedes(name: str, written: dict[str, str], fields: list[str]) -> bool:
    """Whether a column that is no field of PREG is before all that are."""
    order = list(written)
    return order.index(name) < min((order.index(field) for field in fields if field in written), default=0)


def _column(row: dict[str, str], contract: dict[tuple[str, str], dict[str, str]], written: str, elsewhere: str) -> str:
    field = contract[row["preg_entity"], row["preg_field"]]
    kept = re.search(r"(?m)^        data_type: (.+)$", written)
    kind = kept.group(1) if kept else _TYPES.get(field["type"], field["type"])
    tests = re.search(r"(?ms)^        data_tests:.*\Z", written)
    if elsewhere:
        description = elsewhere.format(column=row["column_name"])
    else:
        example = f" Example: {row['example']}." if row["example"] else ""
        meaning = field["meaning"][:1].upper() + field["meaning"][1:]
        says = f"{meaning}. {row['comment_en']}"
        description = f"{says} ({row['preg_field']}; rule: {row['build_rule']}; {row['basis']}).{example}"
    folded = textwrap.fill(description, 96, initial_indent=" " * 10, subsequent_indent=" " * 10, break_on_hyphens=False)
    return f"      - name: {row['column_name']}\n        data_type: {kind}\n        description: >-\n{folded}\n" + (
        tests.group().rstrip("\n") + "\n" if tests else ""
    )


def model_docs(dbt_project: Path) -> dict[Path, str]:
    """Each `_<folder>.yml` of staging and the intermediate layer, as it should be: the file and its text."""
    written = {}
    for layer in ("staging", "intermediate"):
        for folder in sorted((dbt_project / "models" / layer).iterdir()):
            models = sorted(folder.glob("*.sql")) if folder.is_dir() else []
            if models:
                described = "".join(_described(model) for model in models)
                written[folder / f"_{folder.name}.yml"] = (
                    "# Written from the comments that open the models, by `make dictionary`.\n"
                    f"version: 2\n\nmodels:\n{described}"
                )
    return written


def _described(model: Path) -> str:
    # What a model depends on in addition to what it reads is declared to dbt in a comment too.
    comment = re.match(r"(?:--(?! depends_on).*\n)+", model.read_text(encoding="utf-8"))
    says = " ".join(line.removeprefix("--").strip() for line in (comment.group() if comment else "").splitlines())
    folded = textwrap.fill(says, 114, initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False)
    return f"  - name: {model.stem}\n    description: >-\n{folded}\n"
