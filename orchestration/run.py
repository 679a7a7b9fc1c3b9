"""The main job without a server: what `preg run` does."""

from __future__ import annotations

import json
import os
import time
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from foundation.database import MACHINE_ERRORS, machine_failures
from foundation.errors import BuildFailed, ConfigurationError, DeliveryRefused, GateStopped, PregError
from foundation.release import Release
from foundation.settings import Settings
from foundation.writer_lock import writer_lock
from ingest.landing import Delivery, no_delivery, take_inventory
from ingest.load_ledger import LoadLedger
from ingest.refusals import refused_deliveries
from operations.alerts import Alert, send_alert
from operations.metrics import write_metrics
from operations.recorder import Recorder
from orchestration.progress import Listener, listening
from orchestration.warm_up import job_warmed_up
from publication.candidate.fingerprint import is_up_to_date
from publication.store.audit_log import rollback_in_effect
from publication.store.release import current_release, newest_release

if TYPE_CHECKING:
    from ingest.deliveries import LoadReport

_DAGSTER_YAML = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    # One writer at a time: further runs wait in the queue.
    max_concurrent_runs: 1
"""


_POSTGRES_VARIABLES = (
    "DAGSTER_POSTGRES_HOST",
    "DAGSTER_POSTGRES_USER",
    "DAGSTER_POSTGRES_PASSWORD",
    "DAGSTER_POSTGRES_DB",
)
_POSTGRES_YAML = """\
storage:
  postgres:
    postgres_url: {env: DAGSTER_POSTGRES_URL}
"""


@dataclass(frozen=True)
class RunOutcome:
    """What a run came to: the current release, and whether this run published it.

    held: nothing was, because a rollback is in effect.
    """

    release: Release
    published: bool
    held: bool = False


class EndedWithout(DeliveryRefused):
    """A run came to its outcome without the deliveries that it refused."""

    def __init__(self, refused: DeliveryRefused, outcome: RunOutcome) -> None:
        super().__init__(
            refused.what,
            where=refused.where,
            todo=refused.todo,
            source=refused.source,
            delivery_id=refused.delivery_id,
        )
        self.outcome = outcome


def run(settings: Settings, listener: Listener) -> RunOutcome:
    """Load what is new, build, check, publish; or say that nothing is new.

    Deliveries that are refused keep nothing else from being published; the run then ends with an error that names them.

    Raises `EndedWithout`, `DeliveryRefused`, `GateStopped`, `BuildFailed`, `WarehouseBusy` or `MachineFailure`.
    """
    asked = time.monotonic()
    with writer_lock(settings, on_wait=listener.note), machine_failures(str(settings.data_dir)):
        recorder = Recorder(settings, listener, waited=time.monotonic() - asked)
        try:
            outcome = _run(settings, recorder)
        except Exception as error:
            recorder.failed(error)
            _send_failure_alert(settings, error)
            raise
        else:
            recorder.ended("published" if outcome.published else "nothing new", outcome.release.release_id)
            return outcome
        finally:
            # Metrics that cannot be written stop no run.
            with suppress(OSError, PregError):
                write_metrics(settings)


def _send_failure_alert(settings: Settings, error: Exception) -> None:
    """Report a run that failed to the webhook."""
    if isinstance(error, GateStopped):
        send_alert(settings, Alert("stopped", error.what, error.where, error.todo))
    elif isinstance(error, PregError):
        send_alert(settings, Alert("failure", error.what, error.where, error.todo))
    else:
        send_alert(settings, Alert("failure", f"unexpected {type(error).__name__}"))


def _run(settings: Settings, listener: Listener) -> RunOutcome:
    inventory = take_inventory(settings.landing_dir)
    if not inventory.deliveries and not inventory.refused:
        raise no_delivery(settings.landing_dir)
    if not inventory.refused and not refused_deliveries(settings):
        outcome = _nothing_to_build(settings, listener, inventory.deliveries)
        if outcome is not None:
            _report_changed_deliveries(settings, listener)
            return outcome
    home = prepare_dagster_home(settings)
    export_settings(settings)
    with job_warmed_up(settings):
        return _load_and_build(settings, listener, inventory.deliveries, home)


def _load_and_build(settings: Settings, listener: Listener, deliveries: list[Delivery], home: Path) -> RunOutcome:
    # Slow to import, and needed only when something is new.
    from orchestration.landing.loading import load_before_the_job

    with listening(listener):
        report = load_before_the_job(settings)
    if report.refused and current_release(settings) is None and "freg" not in LoadLedger(settings).sources():
        # The gate would say that a register without persons is never right; this is why there are none.
        raise _as_one_error(report.refused, "nothing was loaded of freg, and nothing was published without")
    outcome = _nothing_to_build(settings, listener, _accepted(deliveries, report))
    if outcome is None:
        outcome = RunOutcome(_build_and_publish(settings, listener, report, home), published=True)
    if report.refused:
        listener.end()
        release_id = outcome.release.release_id
        preface = (
            f"{release_id} was published without" if outcome.published else f"nothing is new; {release_id} is without"
        )
        raise EndedWithout(_as_one_error(report.refused, preface), outcome)
    return outcome


def _accepted(deliveries: list[Delivery], report: LoadReport) -> list[Delivery]:
    """The deliveries but those that a load has refused."""
    refused = {(refusal.source, refusal.delivery_id) for refusal in report.refused}
    return [delivery for delivery in deliveries if delivery.key not in refused]


def _nothing_to_build(settings: Settings, listener: Listener, deliveries: list[Delivery]) -> RunOutcome | None:
    """How a run ends that has nothing to build from these deliveries, or None."""
    release = current_release(settings)
    if release and _contains(settings, release, deliveries):
        return RunOutcome(release, published=False)
    rollback = rollback_in_effect(settings)
    newest = newest_release(settings)
    if rollback and release and newest and _contains(settings, newest, deliveries):
        listener.note(
            f"{newest.release_id} has every delivery, but {rollback.by} rolled back at {rollback.at}"
            f" ({rollback.why}); preg release promote makes it current again"
        )
        return RunOutcome(release, published=False, held=True)
    return None


def _build_and_publish(settings: Settings, listener: Listener, report: LoadReport, home: Path) -> Release:
    from orchestration.landing.loading import loaded_before

    listener.begin("start the job")
    try:
        with listening(listener), loaded_before(report):
            _execute_job(settings, home)
    except PregError as error:
        if not report.refused:
            raise
        # The deliveries that were refused may be why.
        also = (f"also: {_in_a_line(refusal)}" for refusal in report.refused)
        raise type(error)("\n".join([error.what, *also]), where=error.where, todo=error.todo) from error
    release = current_release(settings)
    if release is None:
        raise BuildFailed("the job ended without a release", where=str(settings.data_dir), todo="report this error")
    return release


def _as_one_error(refused: list[DeliveryRefused], preface: str) -> DeliveryRefused:
    """The refusals of a run as one error: each with what, where and what to do."""
    count = "1 refused delivery" if len(refused) == 1 else f"{len(refused)} refused deliveries"
    first = refused[0]
    return DeliveryRefused(
        "\n".join([f"{preface} {count}", *(f"  {_in_a_line(refusal)}" for refusal in refused)]),
        where=first.where,
        todo=first.todo,
        source=first.source,
        delivery_id=first.delivery_id,
    )


def _in_a_line(refusal: DeliveryRefused) -> str:
    return f"{refusal.name}: {refusal.what} ({refusal.where}); to do: {refusal.todo}"


def _report_changed_deliveries(settings: Settings, listener: Listener) -> None:
    """Report deliveries that were changed or removed since they were loaded; a load does so itself."""
    ledger = LoadLedger(settings)
    for notice in ledger.notices():
        listener.note(notice)
    ledger.keep()


def run_log(settings: Settings) -> Path:
    """What dbt and Dagster printed during the last run."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    return settings.work_dir / "run.log"


def prepare_dagster_home(settings: Settings) -> Path:
    """Dagster's home in the data directory: its storage, and a configuration without telemetry."""
    home = settings.dagster_home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    storage = ""
    if settings.dagster_storage == "postgres":
        storage = _POSTGRES_YAML
        os.environ["DAGSTER_POSTGRES_URL"] = _postgres_url()
    (home / "dagster.yaml").write_text(_DAGSTER_YAML + storage, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _postgres_url() -> str:
    """The address of Dagster's database, by the driver that Dagster is written for."""
    missing = [name for name in _POSTGRES_VARIABLES if not os.environ.get(name)]
    if missing:
        raise ConfigurationError(
            f"Dagster's Postgres is not known: {', '.join(missing)} not set",
            where="the environment",
            todo="set them, or leave PREG_DAGSTER_STORAGE at sqlite (docs/operations.md)",
        )
    host, user, password, database = (quote(os.environ[name], safe="") for name in _POSTGRES_VARIABLES)
    return f"postgresql+psycopg2://{user}:{password}@{host}:5432/{database}"


def export_settings(settings: Settings) -> None:
    """Let the processes that Dagster starts see the same settings."""
    os.environ["PREG_LANDING_DIR"] = str(settings.landing_dir.resolve())
    os.environ["PREG_DATA_DIR"] = str(settings.data_dir.resolve())
    os.environ["PREG_DBT_PROJECT_DIR"] = str(settings.dbt_project_dir.resolve())
    os.environ["PREG_HOUSEHOLD_PROTECTION"] = settings.household_protection
    os.environ["PREG_PUBLISH_NOW"] = settings.publish_now


def _contains(settings: Settings, release: Release, deliveries: list[Delivery]) -> bool:
    return is_up_to_date(
        settings,
        release,
        ((*delivery.key, delivery.manifest_sha256) for delivery in deliveries),
    )


def _execute_job(settings: Settings, home: Path) -> None:
    # Dagster is slow to import and needs its home set first.
    from orchestration.definitions import defs
    from orchestration.event_log import instance_of
    from orchestration.jobs import full_run

    try:
        with (
            instance_of(home, is_sqlite=settings.dagster_storage == "sqlite") as instance,
            run_log(settings).open("w", encoding="utf-8") as log,
            redirect_stdout(log),
            redirect_stderr(log),
        ):
            result = defs.resolve_job_def(full_run.name).execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
    except Exception as error:
        _raise_if_machine_failed(settings, error)
        raise
    if not result.success:
        raise _why_failed(settings, result)


def _raise_if_machine_failed(settings: Settings, error: BaseException) -> None:
    """Find the cause of an error of Dagster's own: a disk that is full or a file that cannot be written."""
    cause: BaseException | None = error
    while cause is not None:
        with machine_failures(str(settings.dagster_home)):
            if isinstance(cause, MACHINE_ERRORS):
                raise cause
        cause = cause.__cause__ or cause.__context__


def _why_failed(settings: Settings, result: object) -> PregError:
    from orchestration.dbt.environment import dbt_target
    from publication.candidate.candidate import candidate_folder
    from quality.dbt_results import read_dbt_results
    from quality.gate import raise_if_blocked
    from quality.result import read_results

    failed = {event.step_key: event for event in result.get_step_failure_events()}  # type: ignore[attr-defined]
    ours = [error for error in map(_error_of_ours, failed.values()) if error is not None]
    if ours:
        return _first_of(ours)
    try:
        if "warehouse_models" in failed:
            broken = _broken_models(dbt_target(settings))
            if broken:
                return BuildFailed(
                    f"a model could not be built: {broken}",
                    where=str(settings.warehouse),
                    todo="see the message; the release before stays current",
                )
            raise_if_blocked(read_dbt_results(dbt_target(settings)))
        raise_if_blocked(read_results(candidate_folder(settings).check_results))
    except GateStopped as stopped:
        return stopped
    messages = [_deepest_message(event) for event in failed.values()]
    return BuildFailed(
        f"the job failed: {'; '.join(messages) or 'unknown'}",
        where=str(settings.data_dir),
        todo=f"read {run_log(settings)}, or open the run in the Dagster UI: preg dev",
    )


def _deepest_message(event: object) -> str:
    """What went wrong at the bottom of a step's failure."""
    error = event.step_failure_data.error  # type: ignore[attr-defined]
    while error.cause is not None:
        error = error.cause
    return str(error.message).strip().splitlines()[0]


def _first_of(errors: list[PregError]) -> PregError:
    """The first error, with what the others say."""
    first, *others = errors
    if not others:
        return first
    return type(first)(
        "\n".join([first.what, *(f"also: {other.what} ({other.where})" for other in others)]),
        where=first.where,
        todo=first.todo,
    )


def _error_of_ours(event: object) -> PregError | None:
    """The error that an asset has turned into a Dagster failure."""
    failure = event.step_failure_data.user_failure_data  # type: ignore[attr-defined]
    if failure is None or "exit code" not in (failure.metadata or {}):
        return None
    first, *_ = str(failure.description).split("\n  where: ")
    metadata = failure.metadata
    kind = GateStopped if int(metadata["exit code"].value) == GateStopped.exit_code else PregError
    return kind(
        first.split("\n  to do: ")[0],
        where="" if metadata["where"].value == "-" else str(metadata["where"].value),
        todo="" if metadata["to do"].value == "-" else str(metadata["to do"].value),
    )


def _broken_models(target: Path) -> str:
    file = target / "run_results.json"
    if not file.is_file():
        return "dbt did not finish"
    results = json.loads(file.read_text(encoding="utf-8"))["results"]
    broken = [
        f"{result['unique_id'].split('.')[-1]}: {str(result['message']).strip()}"
        for result in results
        if result["status"] == "error"
    ]
    return "; ".join(broken)
