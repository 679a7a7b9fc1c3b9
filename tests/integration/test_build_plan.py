"""When a build makes everything, and when only the persons in the new documents."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.database import session
from foundation.settings import Settings
from ingest.raw_schema import create_raw_schema
from orchestration.dbt import build_plan
from orchestration.dbt.build_plan import plan_build, record_build

_BUILT = [("freg", "a", "full", 10), ("matrikkel", "m", "full", 5), ("persontjenesten", "p", "full", 10)]


def _deliver(settings: Settings, number: int, source: str, delivery_id: str, kind: str, position: int) -> None:
    """A delivery with one document, as the load leaves it."""
    with session(settings, settings.warehouse) as connection:
        create_raw_schema(connection)
        connection.execute(
            "insert into raw.delivery by name select ? as delivery_number, ? as source, ? as delivery_id, ? as kind,"
            " ? as position, '1' as schema_version, timestamptz '2026-01-01 00:00:00+00' as created_at,"
            " 'x' as manifest_sha256, 1 as rows_delivered, 1 as rows_loaded, 0 as rows_quarantined, [] as tables",
            [number, source, delivery_id, kind, position],
        )
        table = {"freg": "freg_document", "persontjenesten": "persontjenesten_person"}.get(source)
        if table:
            connection.execute(
                f"insert into raw.{table} (delivery_number, document_number) values (?, ?)", [number, number]
            )


@pytest.fixture
def built(settings: Settings) -> Settings:
    """A warehouse in which the first deliveries are built."""
    settings.data_dir.mkdir()
    for number, delivery in enumerate(_BUILT, start=1):
        _deliver(settings, number, *delivery)
    plan = plan_build(settings)
    assert plan.reason == "nothing has been built yet"
    with session(settings, settings.warehouse) as connection:
        # What dbt makes when a build begins (macros/build.sql).
        connection.execute("create schema build")
        connection.execute(
            "create table build.progress (is_whole boolean, last_document_number bigint, last_delivery_number integer,"
            " rules varchar, lineage varchar)"
        )
    record_build(settings, plan)
    return settings


def test_nothing_new_touches_nobody(built: Settings) -> None:
    plan = plan_build(built)
    assert (plan.whole, plan.new_documents) == (False, 0)
    assert plan.dbt_arguments == ["build"]


def test_a_change_delivery_touches_only_its_persons(built: Settings) -> None:
    _deliver(built, 4, "freg", "b", "change", 20)
    plan = plan_build(built)
    assert (plan.whole, plan.new_documents, plan.last_document_number) == (False, 1, 4)


@pytest.mark.parametrize(
    ("delivery", "reason"),
    [
        (("freg", "b", "full", 20), "freg/b is a full delivery"),
        (("freg", "b", "change", 9), "freg/b belongs before deliveries that are built already"),
        (("matrikkel", "n", "change", 6), "matrikkel/n may change the addresses of anybody"),
    ],
)
def test_what_cannot_be_told_person_by_person_is_built_whole(built: Settings, delivery: Any, reason: str) -> None:
    _deliver(built, 4, *delivery)
    plan = plan_build(built)
    assert (plan.whole, plan.reason) == (True, reason)
    assert plan.dbt_arguments == ["build", "--full-refresh"]


def test_a_full_export_of_the_running_preg_is_compared_whole(built: Settings) -> None:
    _deliver(built, 4, "preg", "x", "full", 20)
    assert plan_build(built).reason == "preg/x is a full delivery"


def test_a_burst_is_built_whole(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _deliver(built, 4, "freg", "b", "change", 20)
    monkeypatch.setattr(build_plan, "_MANY", 0)
    assert plan_build(built).reason == "1 new documents are so many that it is quicker"


def test_a_selection_of_the_models_is_built_whole(built: Settings) -> None:
    assert plan_build(built, only_a_part=True).whole


def test_other_rules_build_everything(built: Settings) -> None:
    other = built.model_copy(update={"household_protection": "none"})
    assert plan_build(other).reason == "the code, the settings or what was loaded before has changed"
