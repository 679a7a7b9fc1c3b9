"""What Dagster knows: assets in their order, checks that block, jobs, windows, and the sensor on deliveries."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from foundation.database import session
from foundation.settings import Settings
from ingest.contracts.sources import SOURCES
from ingest.freg.test_server.register import read_register
from operations.alerts import Alert
from operations.recorder import last_run
from orchestration.definitions import defs
from orchestration.freg.checks import newest_event_is_recent
from orchestration.jobs import daily_update, full_run, publication
from orchestration.landing.days import DAY
from orchestration.progress import listener
from orchestration.release.alerts import tell_of_lag
from orchestration.resources import WarehouseResource
from publication.candidate.tables import RELEASE_TABLES
from quality.registry import checks
from tests.conftest import SAMPLE
from tests.support.deliveries import deliver_documents
from tests.support.freg import delivered_lines, lines_of, place, serving
from tests.support.persons import freg_line, freg_person, number

GRAPH = defs.resolve_asset_graph()
OSLO = ZoneInfo("Europe/Oslo")


def _ancestors(key: dg.AssetKey) -> set[dg.AssetKey]:
    parents = set(GRAPH.get(key).parent_keys)
    return parents.union(*map(_ancestors, parents)) if parents else set()


def test_dagster_tells_the_column_lineage_that_the_command_tells() -> None:
    status = GRAPH.get(dg.AssetKey(["intermediate", "int_preg__person"])).metadata["dagster/column_lineage"]
    reported = {f"{dep.asset_key.path[-1]}.{dep.column_name}" for dep in status.deps_by_column["reg_status"]}
    assert reported == {
        "code_list.code",
        "code_list.code_list",
        "code_list.freg_value",
        "stg_freg__person.status",
    }
    # Every column leads to an asset that there is.
    known = set(GRAPH.get_all_asset_keys())
    for key in known:
        lineage = GRAPH.get(key).metadata.get("dagster/column_lineage")
        for deps in lineage.deps_by_column.values() if lineage else []:
            assert {dep.asset_key for dep in deps} <= known


def test_a_release_comes_from_every_source() -> None:
    ancestors = _ancestors(dg.AssetKey("release"))
    assert {dg.AssetKey(["raw", source]) for source in SOURCES if source != "preg"} <= ancestors
    assert {dg.AssetKey(["marts", table]) for table in RELEASE_TABLES} <= ancestors
    assert dg.AssetKey("candidate") in ancestors


def test_every_model_of_the_project_is_an_asset() -> None:
    manifest = json.loads((Path(__file__).parents[2] / "dbt_project" / "target" / "manifest.json").read_text())
    models = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    assert models <= {key.path[-1] for key in GRAPH.get_all_asset_keys()}


def test_every_check_of_the_gate_stands_with_its_table_and_the_verdict_blocks() -> None:
    stands_with = {key.name: key.asset_key for key in GRAPH.asset_check_keys}
    for check in checks():
        table = dg.AssetKey(["marts", check.about])
        assert stands_with[check.name] == (table if check.about in RELEASE_TABLES else dg.AssetKey("candidate"))
    assert stands_with["blocking_checks_pass"] == dg.AssetKey("candidate")
    of_gate = {check.name for check in checks()} | {"blocking_checks_pass"}
    blocking = {key.name for key in GRAPH.asset_check_keys if GRAPH.get(key).blocking}
    assert of_gate & blocking == {"blocking_checks_pass"}
    for job, has in ((full_run, True), (publication, True), (daily_update, False)):
        selected = {key.name for key in job.selection.resolve_checks(GRAPH)}
        assert of_gate & selected == (of_gate if has else set()), job.name


@pytest.mark.parametrize(
    "keys",
    [
        ["marts/preg_address"],
        ["candidate"],
        ["candidate", "release"],
        ["marts/preg_person", "staging/stg_freg__person"],
    ],
)
@pytest.mark.parametrize("with_checks", [True, False])
def test_a_part_of_the_assets_can_be_made_by_itself(keys: list[str], with_checks: bool) -> None:
    chosen = {dg.AssetKey(key.split("/")) for key in keys}
    checks = {key for key in GRAPH.asset_check_keys if key.asset_key in chosen} if with_checks else None
    whole = defs.resolve_implicit_global_asset_job_def()
    part = whole.get_subset(asset_selection=chosen, asset_check_selection=checks)
    assert part.asset_layer.executable_asset_keys >= chosen


@pytest.mark.xdist_group("built sample")
def test_of_the_gate_those_checks_are_told_that_are_asked_for(
    sample_copy: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREG_LANDING_DIR", str(sample_copy.landing_dir))
    monkeypatch.setenv("PREG_DATA_DIR", str(sample_copy.data_dir))
    asked = {
        dg.AssetCheckKey(dg.AssetKey(["marts", "preg_person"]), "person_name_is_a_name"),
        dg.AssetCheckKey(dg.AssetKey("candidate"), "blocking_checks_pass"),
    }
    whole = defs.resolve_implicit_global_asset_job_def()
    result = whole.get_subset(asset_selection=set(), asset_check_selection=asked).execute_in_process()
    assert result.success
    told = {each.asset_check_key: each.passed for each in result.get_asset_check_evaluations()}
    assert told == dict.fromkeys(asked, True)


def _load_days(instance: dg.DagsterInstance, first: str, last: str, *, succeeds: bool = True) -> None:
    job = defs.resolve_implicit_global_asset_job_def().get_subset(asset_selection={DAY})
    span = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    result = job.execute_in_process(instance=instance, tags=span, raise_on_error=False)
    assert result.success == succeeds


def test_a_span_of_days_is_loaded_and_other_loads_tell_their_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = tmp_path / "landing"
    shutil.copytree(SAMPLE, landing)
    monkeypatch.setenv("PREG_LANDING_DIR", str(landing))
    monkeypatch.setenv("PREG_DATA_DIR", str(tmp_path / "data"))
    settings = Settings()

    def loaded() -> set[str]:
        with session(settings, settings.warehouse) as connection:
            made = connection.execute("select distinct created_at::date::text from raw.delivery").fetchall()
        return {day for (day,) in made}

    with dg.DagsterInstance.ephemeral() as instance:
        _load_days(instance, "2026-01-02", "2026-01-04")
        assert loaded() == {"2026-01-02", "2026-01-04"}
        # The third had no delivery; it was asked for.
        assert instance.get_materialized_partitions(DAY) == {"2026-01-02", "2026-01-03", "2026-01-04"}
        file = next((landing / "persontjenesten").glob("20260105*/*.zst"))
        whole = file.read_bytes()
        file.write_bytes(whole[:-1])
        _load_days(instance, "2026-01-04", "2026-01-05", succeeds=False)
        assert "2026-01-05" not in instance.get_materialized_partitions(DAY)
        file.write_bytes(whole)
        raw = {dg.AssetKey(["raw", name]) for name in (*SOURCES, "delivery")}
        job = defs.resolve_implicit_global_asset_job_def().get_subset(asset_selection=raw)
        assert job.execute_in_process(instance=instance).success
        assert "2026-01-05" in instance.get_materialized_partitions(DAY)
        of_day = dg.AssetRecordsFilter(DAY, asset_partitions=["2026-01-05"])
        (event,) = instance.fetch_materializations(of_day, limit=1).records
        assert event.asset_materialization is not None
        assert event.asset_materialization.metadata["deliveries"].value == 2
        # What comes later of a day is told too, whether the day was there or was asked for in vain.
        newcomer = shutil.copytree(landing / "matrikkel" / "20260102T030000Z-full", landing / "matrikkel" / "later")
        manifest = json.loads((newcomer / "manifest.json").read_text())
        later = {"delivery_id": "later", "created_at": "2026-01-03T03:00:00Z", "extracted_at": "2026-01-03"}
        (newcomer / "manifest.json").write_text(json.dumps(manifest | later))
        assert job.execute_in_process(instance=instance).success
        of_day = dg.AssetRecordsFilter(DAY, asset_partitions=["2026-01-03"])
        (event,) = instance.fetch_materializations(of_day, limit=1).records
        assert event.asset_materialization is not None
        assert event.asset_materialization.metadata["deliveries"].value == 1


def test_dbt_tests_stand_on_their_models() -> None:
    on_persons = {key.name for key in GRAPH.asset_check_keys if key.asset_key == dg.AssetKey(["marts", "preg_person"])}
    assert "accepted_values_preg_person_work_permit__B__M" in on_persons


def test_every_asset_is_described() -> None:
    bare = [
        key.to_user_string()
        for key in GRAPH.get_all_asset_keys()
        if not GRAPH.get(key).description and GRAPH.get(key).is_materializable and "marts" in key.path
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("job", "has", "has_not"),
    [
        (full_run, {"raw/freg", "marts/preg_person", "candidate", "release"}, set()),
        (daily_update, {"raw/freg", "marts/preg_person"}, {"candidate", "release"}),
        (publication, {"candidate", "release"}, {"raw/freg", "marts/preg_person"}),
    ],
)
def test_a_job_does_its_part_of_the_way(job: object, has: set[str], has_not: set[str]) -> None:
    definition = defs.resolve_job_def(job.name)  # type: ignore[attr-defined]
    selected = {key.to_user_string() for key in definition.asset_layer.selected_asset_keys}
    assert has <= selected
    assert not has_not & selected


def _ticks(name: str, start: dt.datetime, count: int) -> list[dt.datetime]:
    schedule = defs.resolve_schedule_def(name)
    ticks = schedule_execution_time_iterator(start.timestamp(), schedule.cron_schedule, schedule.execution_timezone)
    return [next(ticks).astimezone(OSLO) for _ in range(count)]


def test_publication_is_at_nine_on_weekdays_and_seven_on_sundays() -> None:
    # From Thursday, over the end of summer time on Sunday 25 October 2026, to Monday.
    ticks = _ticks("publication_windows", dt.datetime(2026, 10, 22, 12, tzinfo=OSLO), 4)
    assert [tick.strftime("%a %d %H:%M %z") for tick in ticks] == [
        "Thu 22 21:00 +0200",
        "Fri 23 21:00 +0200",
        "Sun 25 19:00 +0100",
        "Mon 26 21:00 +0100",
    ]


def test_the_daily_update_is_at_five_in_the_morning() -> None:
    (tick,) = _ticks("daily_update_in_the_morning", dt.datetime(2026, 7, 1, 12, tzinfo=OSLO), 1)
    assert tick == dt.datetime(2026, 7, 2, 5, tzinfo=OSLO)


def test_the_sensor_asks_for_one_run_a_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREG_LANDING_DIR", str(tmp_path))
    sensor = defs.resolve_sensor_def("new_deliveries")

    def look(cursor: str | None) -> tuple[list[str | None], str | None]:
        result = sensor.evaluate_tick(dg.build_sensor_context(cursor=cursor))
        return [request.run_key for request in result.run_requests or []], result.cursor or cursor

    assert look(None) == ([], None)
    line = freg_line(1, freg_person(number("1980-05-17", 100)))
    deliver_documents(tmp_path, "freg", "d1", [line])
    requested, cursor = look(None)
    assert requested == ["freg/d1"]
    assert look(cursor) == ([], cursor)
    deliver_documents(tmp_path, "freg", "d2", [line], kind="change", sequence_to=2000)
    requested, cursor = look(cursor)
    assert requested == ["freg/d2"]


def test_the_sensor_waits_for_a_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREG_LANDING_DIR", str(tmp_path))
    (tmp_path / "freg" / "coming").mkdir(parents=True)
    result = defs.resolve_sensor_def("new_deliveries").evaluate_tick(dg.build_sensor_context())
    assert not result.run_requests
    assert result.skip_message == "no new delivery"


def test_the_feed_is_read_by_its_job_without_a_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = place(tmp_path)
    register = read_register(SAMPLE)
    with serving(register, tmp_path / "keys") as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PREG_LANDING_DIR", str(settings.landing_dir))
        monkeypatch.setenv("PREG_DATA_DIR", str(settings.data_dir))
        result = defs.resolve_job_def("read_feed").execute_in_process()
    assert result.success
    (materialization,) = result.asset_materializations_for_node("landing__freg_feed")
    assert materialization.metadata["events"].value == len(register.events)
    assert materialization.metadata["sequence to"].value == register.last_sequence_number
    (fresh,) = result.get_asset_check_evaluations()
    assert not fresh.passed
    assert fresh.severity is dg.AssetCheckSeverity.WARN
    assert delivered_lines(settings.landing_dir) == lines_of(register)
    assert not settings.warehouse.exists()


@pytest.mark.xdist_group("built sample")
@pytest.mark.parametrize(("hours", "passes"), [("1000000", True), ("1", False)])
def test_a_release_is_as_fresh_as_its_newest_event(
    built_sample: Path, monkeypatch: pytest.MonkeyPatch, hours: str, passes: bool
) -> None:
    monkeypatch.setenv("PREG_DATA_DIR", str(built_sample))
    monkeypatch.setenv("PREG_FREG_FRESHNESS_HOURS", hours)
    result = newest_event_is_recent()
    assert isinstance(result, dg.AssetCheckResult)
    assert result.passed is passes
    assert result.metadata["newest event"].value.startswith("2026-01-04T")


@pytest.mark.xdist_group("built sample")
def test_the_register_is_held_against_freg_by_its_job(
    built_sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    shutil.copytree(built_sample, data, symlinks=True)
    register = read_register(SAMPLE)
    with serving(register, tmp_path / "keys") as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PREG_LANDING_DIR", str(SAMPLE))
        monkeypatch.setenv("PREG_DATA_DIR", str(data))
        result = defs.resolve_job_def("reconcile_with_freg").execute_in_process()
    assert result.success
    (drift,) = result.get_asset_check_evaluations()
    assert drift.passed


def test_reading_the_feed_publishes_nothing_and_a_run_reads_no_feed() -> None:
    feed = dg.AssetKey(["landing", "freg_feed"])
    for job, reads in (("read_feed", True), ("full_run", False), ("daily_update", False), ("publication", False)):
        assert (feed in defs.resolve_job_def(job).asset_layer.executable_asset_keys) is reads
    (schedule,) = [schedule for schedule in defs.schedules or [] if schedule.job_name == "read_feed"]  # type: ignore[union-attr]
    assert schedule.cron_schedule == "*/15 * * * *"  # type: ignore[union-attr]


@pytest.mark.xdist_group("built sample")
def test_a_lag_that_nobody_could_be_told_of_is_told_again(built_sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREG_DATA_DIR", str(built_sample))
    reported: list[Alert] = []

    def away(_: Settings, alert: Alert) -> bool:
        reported.append(alert)
        return len(reported) > 1

    monkeypatch.setattr("orchestration.release.alerts.send_alert", away)
    context = dg.build_sensor_context()
    tell_of_lag(context)
    assert context.cursor is None
    tell_of_lag(context)
    assert context.cursor is not None
    tell_of_lag(context)
    assert [alert.kind for alert in reported] == ["lag", "lag"]


def test_a_run_of_dagsters_own_is_recorded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREG_DATA_DIR", str(tmp_path))
    settings = Settings()
    resource = WarehouseResource()
    with resource.yield_for_execution(dg.build_init_resource_context()):
        listener().begin("load")
    record = last_run(settings)
    assert record is not None
    assert (record.outcome, list(record.steps)) == ("nothing published", ["load"])
    assert "run ended" in (settings.logs_dir / "preg.log").read_text(encoding="utf-8")
    assert "preg_run_step_seconds" in (tmp_path / "metrics" / "preg.prom").read_text(encoding="utf-8")
