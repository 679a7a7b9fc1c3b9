"""How well the comparison finds what was planted in synthetic deliveries: precision and recall, by kind.

The truth is `expected_discrepancies.csv` next to the deliveries (kind;entity;field;person_id;nin;pair), a row for each
field in which a difference must be found. All else that is found, as in what only looks like a difference, is false.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from foundation.database import sql_text
from foundation.errors import PregError

EXPECTED = "expected_discrepancies.csv"


@dataclass(frozen=True)
class KindScore:
    """One kind of a pair of sides: how many were planted, of these found at all, found as this kind, and how many were
    found as this kind that were not planted as it.
    """

    pair: str
    kind: str
    planted: int
    detected: int
    right_kind: int
    false: int

    @property
    def recall(self) -> float:
        """Share of what was planted that was found with its kind."""
        return self.right_kind / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Share of what was found as this kind that was planted as it."""
        found = self.right_kind + self.false
        return self.right_kind / found if found else 1.0


def score_comparison(landing: Path, database: Path) -> list[KindScore]:
    """The scores by pair and kind. Raises `PregError` when nothing was planted in the deliveries of `landing`."""
    files = {source: sorted((landing / source).glob(f"*/{EXPECTED}")) for source in ("persontjenesten", "preg")}
    if not any(files.values()):
        raise PregError(
            "there is no truth to score against",
            where=str(landing),
            todo=f"score synthetic deliveries: preg sample writes {EXPECTED} next to them",
        )
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(
            "create temp table planted (pair varchar, nin varchar, entity varchar, field varchar, kind varchar)"
        )
        for source in files.values():
            # The last delivery of a source is the one that counts.
            for file in source[-1:]:
                connection.execute(
                    "insert into planted select pair, nin, entity, field, kind"
                    f" from read_csv({sql_text(file)}, delim = ';', header = true, all_varchar = true)"
                )
        # What Persontjenesten has otherwise than PREG it has otherwise than the running PREG too.
        connection.execute(
            """
            insert into planted
            select 'legacy_persontjenesten', nin, entity, field, kind
            from planted
            where pair = 'preg_persontjenesten'
                and exists (select 1 from field_comparison_summary where pair = 'legacy_persontjenesten')
            """
        )
        rows = connection.execute(
            """
            with held as (
                select
                    pair,
                    planted.kind as planted_kind,
                    found.difference_kind as found_kind
                from planted
                full join field_comparison_differences as found using (pair, nin, entity, field)
            ),
            kinds as (
                select pair, planted_kind as kind from held where planted_kind is not null
                union
                select pair, found_kind as kind from held where found_kind is not null
            )
            select
                kinds.pair,
                kinds.kind,
                count(*) filter (planted_kind = kinds.kind),
                count(*) filter (planted_kind = kinds.kind and found_kind is not null),
                count(*) filter (planted_kind = kinds.kind and found_kind = kinds.kind),
                count(*) filter (found_kind = kinds.kind and planted_kind is distinct from kinds.kind)
            from kinds
            inner join held
                on kinds.pair = held.pair and (kinds.kind = held.planted_kind or kinds.kind = held.found_kind)
            group by kinds.pair, kinds.kind
            order by kinds.pair, kinds.kind
            """
        ).fetchall()
    return [KindScore(*row) for row in rows]
