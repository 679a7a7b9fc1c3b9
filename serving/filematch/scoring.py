"""How alike rows and persons are: splink, with the model of `model.json`, in the session of the wash.

The model is fixed: what is alike weighs the same for every client and every file, so a file gives the same answer
again. How often a name occurs is counted among the persons of the release.
"""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb

MODEL = Path(__file__).with_name("model.json")

# Pairs that are less alike than this (2 to this power) are nobody's: they are not kept.
_LEAST_WEIGHT = 5


def create_predicted(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the view `predicted`: a row for each pair of `compared_row` and `compared_person` that may be one person."""
    # Slow to import, and of use only where a row has no number.
    from splink import DuckDBAPI, Linker

    # It tells what it does, and warns of what is meant.
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = DuckDBAPI(connection)
    # The side with the smaller name is the left one.
    sides = [
        database.register("compared_row", dataset_display_name="a_row"),
        database.register("compared_person", dataset_display_name="b_person"),
    ]
    linker = Linker(sides, MODEL, log_level=None)
    for column in ("given", "family"):
        linker.table_management.register_term_frequency_lookup(database.register(f"tf_{column}"), column)
    found = linker.inference.predict(threshold_match_weight=_LEAST_WEIGHT, warning_mode="never")
    connection.execute(f"create view predicted as select * from {found.physical_name}")
