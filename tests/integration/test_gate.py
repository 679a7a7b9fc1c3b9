"""Every check of the gate: the data is broken in the way that the check guards against, and publication stops."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from foundation.errors import GateStopped
from foundation.release import Recurrence, Release
from foundation.settings import Settings
from publication.candidate.candidate import read_candidate
from publication.reports.report import report_writer
from publication.store.release import list_releases, publish
from quality.expectation_run import run_expectations
from quality.gate import raise_if_blocked, run_gate
from quality.protected_text import list_protected_texts, search_tables
from quality.protection import list_protected
from quality.registry import check, checks
from quality.result import CheckResult, Kind, Severity

pytestmark = pytest.mark.xdist_group("built sample")

_FIRST = "(select min(nin) from preg_person)"
_LAST = "(select max(nin) from preg_person)"
_ANY_ADDRESS = "(select min(nin) from preg_address where street_name is not null and current_address)"

# Check → what breaks the candidate. `{warehouse}` statements break the warehouse instead.
BREAKS_CANDIDATE = {
    "preg_person_has_rows": "delete from preg_person",
    "preg_person_nin_is_known": f"update preg_person set nin = null where nin = {_FIRST}",
    "preg_person_nin_is_unique": f"insert into preg_person select * from preg_person where nin = {_FIRST}",
    "preg_person_nin_is_valid": f"update preg_person set nin = '12345678901' where nin = {_FIRST}",
    "preg_person_reg_status_in_code_list": f"update preg_person set reg_status = 42 where nin = {_FIRST}",
    "preg_person_reg_status_is_known": f"update preg_person set reg_status = null where nin = {_FIRST}",
    "preg_person_marital_status_in_code_list": f"update preg_person set marital_status = 10 where nin = {_FIRST}",
    "freg_values_are_listed": "insert into freg_unlisted_value values ('Person', 'gender', 'ukjent', 1)",
    "preg_person_retired_leads_to_a_person": "update preg_person_retired set new_nin = nin",
    "preg_person_retired_has_every_former_number": "delete from preg_person_retired",
    "preg_person_gender_in_code_list": f"update preg_person set gender = 3 where nin = {_FIRST}",
    "preg_person_custody_in_code_list": f"update preg_person set custody = 'X' where nin = {_FIRST}",
    "preg_person_is_born_before_today": f"update preg_person set date_of_birth = '2999-01-01' where nin = {_FIRST}",
    "preg_person_parent_is_another": f"update preg_person set mothers_nin = nin where nin = {_FIRST}",
    "preg_address_nin_is_known": f"update preg_address set nin = null where nin = {_ANY_ADDRESS}",
    "preg_address_person_exists": f"update preg_address set nin = '00000000000' where nin = {_ANY_ADDRESS}",
    "preg_address_one_current": f"insert into preg_address select * from preg_address"
    f" where current_address and nin = {_ANY_ADDRESS}",
    "preg_address_current_is_known": f"update preg_address set current_address = null where nin = {_ANY_ADDRESS}",
    "preg_address_postal_type_in_code_list": f"update preg_address set postal_type = 9 where nin = {_ANY_ADDRESS}",
    "preg_address_postal_type_is_known": f"update preg_address set postal_type = null where nin = {_ANY_ADDRESS}",
    "preg_address_enrichment_method_in_list": "update preg_address set enrichment_method = 'guessed'"
    f" where nin = {_ANY_ADDRESS}",
    "preg_address_enrichment_reason_is_given": "update preg_address set enrichment_reason = 'no_place'"
    f" where enrichment_method <> 'none' and nin = {_ANY_ADDRESS}",
    "preg_other_address_hidden_is_blank": "insert into preg_other_address (nin, postal_type, postal_place)"
    " values ('somebody', 7, 'OSLO')",
    "preg_address_hidden_is_blank": "update preg_address set postal_place = 'OSLO' where postal_type = 7",
    "preg_address_grunnkrets_has_eight_digits": "update preg_address set grunnkrets_number = '105'"
    f" where nin = {_ANY_ADDRESS}",
    "person_number_number_is_known": f"update person_number set number = null where number = {_FIRST}",
    "person_number_number_is_unique": "insert into person_number select * from person_number limit 1",
    "person_number_person_exists": f"update person_number set nin = 'nobody' where nin = {_LAST}",
    "person_number_covers_persons": f"delete from person_number where number = {_FIRST}",
    "field_mapping_covers_views": "delete from field_mapping where preg_field = 'Sn'",
    "field_catalogue_has_rows": "delete from field_catalogue",
    "field_comparison_kind_is_known": "update field_comparison_differences set difference_kind = 'odd'",
    "field_comparison_hidden_is_blank": "update field_comparison_differences set difference_kind = 'protection'",
    "field_comparison_derived_has_a_cause": "update field_comparison_differences set caused_by = 'sn'"
    " where difference_kind = 'derived'",
    "field_comparison_summary_adds_up": "update field_comparison_summary set equal = equal + 1",
    "candidate_is_the_marts": f"delete from preg_person where nin = {_FIRST}",
    "every_document_reaches_a_person": f"delete from person_number where number = {_FIRST}",
    "preg_address_earlier_hidden_is_blank": "insert into preg_address_earlier (nin, postal_type, postal_place)"
    " values ('somebody', 7, 'OSLO')",
    "preg_state_present_is_in_preg_person": f"delete from preg_state where is_present and nin = {_FIRST}",
    "preg_state_ends_after_it_began": "update preg_state set shown_to = shown_from - interval 1 day"
    " where not is_present",
    "preg_change_log_changes_something": "update preg_change_log set to_value = from_value",
    "protected_person_has_no_earlier_address": "insert into preg_address_earlier (nin, person_nin, country)"
    " select nin, nin, 'Norge' from preg_address where postal_type in (6, 7) limit 1",
    "protected_address_is_not_logged": "insert into preg_change_log (nin, entity, field, from_value)"
    " select nin, 'Address', 'street_name', 'Storgata' from preg_address where postal_type in (6, 7) limit 1",
    "protected_person_has_no_address": "update preg_address set country = 'Norge' where postal_type in (6, 7)",
}
# Expectations that are broken in turns, where all are broken at once: what one turn does would undo another's.
SECOND_TURN = {
    "preg_person_reg_status_in_code_list",
    "preg_person_retired_has_every_former_number",
    "preg_address_person_exists",
    "preg_address_one_current",
    "preg_address_postal_type_in_code_list",
    "person_number_person_exists",
    "person_number_covers_persons",
    "field_comparison_kind_is_known",
}
THIRD_TURN = {"preg_person_has_rows", "field_catalogue_has_rows"}
BREAKS_WAREHOUSE = {
    "delivered_is_loaded_or_quarantined": "delete from raw.freg_document where sekvensnummer = 1",
    "sequence_number_is_one_persons": """insert into raw.freg_document by name
        select * replace (uuid() as document_hash) from raw.freg_document where sekvensnummer = 1""",
    "sequence_follows_time": """update raw.freg_document
        set ajourholdstidspunkt = timestamptz '2026-01-01 00:00:00+00' - to_seconds(sekvensnummer)""",
    "quarantine_is_empty": "insert into raw.quarantine values (1, 'persons-0001.ndjson', 3, 7, 'not_json', 'why', '{')",
}
BROKEN_BY_HAND = {
    *BREAKS_CANDIDATE,
    *BREAKS_WAREHOUSE,
    "protected_dwelling_is_nowhere",
    "protected_dwelling_is_not_in_the_past",
    "protected_address_is_not_compared",
    "sequence_does_not_go_back",
    "there_is_a_release_to_compare_with",
    "number_is_claimed_by_one_person",
    "protection_is_lost",
    "protection_is_no_longer_told",
    "protection_grade_is_known",
    # Of a day by tests/unit/test_drift.py.
    "rate_deaths",
    "rate_births",
    "rate_moves",
    "rate_names",
    "rate_identities",
}
# The sample has somebody who has changed gender, and a child of one: hardly true of many, and true.
STANDING = {"person_gender_fits_number": 2, "person_mother_is_a_woman": 2, "person_parent_is_older": 2}
PROTECTED_DWELLING = """
    select
        coalesce(entry.vegadresse.kommunenummer, entry.matrikkeladresse.matrikkelnummer.kommunenummer),
        entry.vegadresse.adressenavn, try_cast(entry.vegadresse.adressenummer.husnummer as integer),
        entry.vegadresse.adressenummer.husbokstav,
        cast(entry.matrikkeladresse.matrikkelnummer.gaardsnummer as varchar),
        cast(entry.matrikkeladresse.matrikkelnummer.bruksnummer as varchar),
        coalesce(entry.vegadresse.bruksenhetsnummer, entry.matrikkeladresse.bruksenhetsnummer)
    from (
        select unnest(folkeregisterperson.bostedsadresse) as entry
        from raw.freg_document
        where document_number in (
            select document_number from intermediate.int_person__current where graderingsnivaa = 'fortrolig'
        )
    )
    where entry.erGjeldende
"""


def _gate(settings: Settings) -> dict[str, int]:
    """Run the whole gate; the failures of each check."""
    candidate = read_candidate(settings)
    results = run_gate(settings, candidate.database, settings.work_dir / "dbt", candidate.check_results)
    return {result.name: result.failures for result in results}


@pytest.fixture
def sample_candidate(built_sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample's candidate, its database alone."""
    return Path(shutil.copy2(read_candidate(Settings(data_dir=built_sample)).database, tmp_path))


def test_a_good_candidate_passes_every_check(sample_copy: Settings) -> None:
    failures = _gate(sample_copy)
    assert {check.name for check in checks()} <= set(failures)
    assert {name: count for name, count in failures.items() if count} == STANDING


def test_what_is_broken_below_are_checks() -> None:
    """That every check is broken somewhere is asked by tests/system/test_corruptions.py."""
    assert {check.name for check in checks()} >= BROKEN_BY_HAND


def _assert_fired(fired: CheckResult) -> None:
    """A check has fired, and by itself stops a publication, naming itself and its count (or that it did not run)."""
    assert not fired.passed
    assert fired.failures > 0
    if fired.severity is Severity.WARN:
        return
    said = f"{fired.name}: {fired.failures}" if fired.ran else f"{fired.name}: did not run"
    with pytest.raises(GateStopped, match=said) as stopped:
        raise_if_blocked([fired])
    assert stopped.value.exit_code == 3


def _assert_stops(settings: Settings, *names: str) -> None:
    """The whole gate is run: the checks fire in it, and publication is refused."""
    candidate = read_candidate(settings)
    results = run_gate(settings, candidate.database, settings.work_dir / "dbt", candidate.check_results)
    for name in names:
        (fired,) = [result for result in results if result.name == name]
        _assert_fired(fired)
    if all(check(name).severity is Severity.WARN for name in names):
        return
    before = len(list_releases(settings))
    with pytest.raises(GateStopped):
        publish(settings, candidate, results, {}, report_writer(settings))
    assert len(list_releases(settings)) == before


def _expectations() -> list[str]:
    return [name for name in BREAKS_CANDIDATE if check(name).kind is Kind.EXPECTATION]


@pytest.mark.parametrize("name", _expectations())
def test_an_expectation_fires_by_itself(sample_candidate: Path, name: str) -> None:
    """Whatever other checks would say of the same rows: half of a gate's time is Great Expectations' own."""
    with duckdb.connect(str(sample_candidate)) as connection:
        connection.execute(BREAKS_CANDIDATE[name])
    (fired,) = run_expectations(sample_candidate, str, [check(name)])
    _assert_fired(fired)


@pytest.mark.parametrize(
    "turn", [{*_expectations()} - SECOND_TURN - THIRD_TURN, SECOND_TURN, THIRD_TURN], ids=["first", "second", "third"]
)
def test_every_expectation_that_fires_stops_the_publication(sample_copy: Settings, turn: set[str]) -> None:
    """In the whole gate, where it runs with all the others."""
    names = [name for name in _expectations() if name in turn]
    with duckdb.connect(str(read_candidate(sample_copy).database)) as connection:
        for name in names:
            connection.execute(BREAKS_CANDIDATE[name])
    _assert_stops(sample_copy, *names)


@pytest.mark.parametrize("name", [name for name in BREAKS_CANDIDATE if name not in _expectations()])
def test_broken_candidate_is_stopped(sample_copy: Settings, name: str) -> None:
    with duckdb.connect(str(read_candidate(sample_copy).database)) as connection:
        connection.execute(BREAKS_CANDIDATE[name])
    _assert_stops(sample_copy, name)


@pytest.mark.parametrize("name", BREAKS_WAREHOUSE)
def test_broken_warehouse_is_stopped(sample_copy: Settings, name: str) -> None:
    with duckdb.connect(str(sample_copy.warehouse)) as connection:
        connection.execute(BREAKS_WAREHOUSE[name])
    _assert_stops(sample_copy, name)


def test_a_release_that_knows_less_than_the_last_one_is_stopped(sample_copy: Settings) -> None:
    candidate = read_candidate(sample_copy)
    (current,) = list_releases(sample_copy)
    ahead = replace(current, manifest=current.manifest.changed(sequence_number=99_999))
    results = run_gate(sample_copy, candidate.database, sample_copy.work_dir / "dbt", candidate.check_results, ahead)
    (fired,) = [result for result in results if result.name == "sequence_does_not_go_back"]
    assert fired.blocks
    assert fired.sample[0].startswith("99999 in the last release")


def test_the_dwelling_of_a_protected_person_in_a_strangers_row_is_found(sample_copy: Settings) -> None:
    with duckdb.connect(str(sample_copy.warehouse)) as connection:
        place = connection.execute(PROTECTED_DWELLING).fetchall()[0]
    with duckdb.connect(str(read_candidate(sample_copy).database)) as connection:
        connection.execute(
            f"""
            update preg_address
            set st = ?, street_name = upper(?), house_number = ?, house_letter = ?, cadastral_number = ?,
                property_number = ?, apartment_number = ?
            where nin = {_ANY_ADDRESS} and current_address
            """,
            list(place),
        )
    _assert_stops(sample_copy, "protected_dwelling_is_nowhere")


def _protected_texts_found(warehouse: duckdb.DuckDBPyConnection) -> int:
    (found, _) = search_tables(warehouse, "candidate")
    assert found.name == "protected_text_is_in_no_column"
    return found.failures


def test_a_grunnkrets_that_is_called_as_a_protected_street_with_a_number_stops_nobody(sample_copy: Settings) -> None:
    """Only where Matrikkelen calls the row's own grunnkrets so, and the log of changes contains its name."""
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        warehouse.execute(f"attach '{read_candidate(sample_copy).database}' as candidate")
        list_protected(warehouse)
        list_protected_texts(warehouse, dwellings_too=True)
        ((name,),) = warehouse.execute("select min(text) from protected_text").fetchall()
        ((other, number),) = warehouse.execute(
            "select min(grunnkrets_number), max(grunnkrets_number) from candidate.preg_address"
        ).fetchall()
        rename = "update candidate.preg_address set grunnkrets_name = ? where grunnkrets_number = ?"
        log = """
            insert into candidate.preg_change_log (nin, entity, field, from_value)
            select min(nin), 'Address', ?, ? from candidate.preg_person
        """
        warehouse.execute(rename, [name, number])
        warehouse.execute(log, ["grunnkrets_name", name])
        assert _protected_texts_found(warehouse) > 1
        warehouse.execute(
            "update intermediate.int_matrikkel__grunnkrets set grunnkretsnavn = ? where grunnkretsnummer = ?",
            [name, number],
        )
        assert _protected_texts_found(warehouse) == 0
        # The same text as another field, with another grunnkrets, with none.
        warehouse.execute(log, ["street_name", name])
        assert _protected_texts_found(warehouse) == 1
        warehouse.execute(rename, [name, other])
        with_another = _protected_texts_found(warehouse)
        assert with_another > 1
        warehouse.execute(
            "update candidate.preg_address set grunnkrets_number = null where grunnkrets_number = ?", [number]
        )
        assert _protected_texts_found(warehouse) > with_another


def test_the_dwelling_of_a_protected_person_in_somebodys_past_is_found(sample_copy: Settings) -> None:
    with duckdb.connect(str(sample_copy.warehouse)) as connection:
        place = connection.execute(PROTECTED_DWELLING).fetchall()[0]
    with duckdb.connect(str(read_candidate(sample_copy).database)) as connection:
        connection.execute(
            """
            insert into preg_address_earlier
                (st, street_name, house_number, house_letter, cadastral_number, property_number, apartment_number)
            values (?, ?, ?, ?, ?, ?, ?)
            """,
            list(place),
        )
    _assert_stops(sample_copy, "protected_dwelling_is_not_in_the_past")


def test_an_address_of_a_protected_person_besides_pregs_is_found(sample_copy: Settings) -> None:
    with duckdb.connect(str(read_candidate(sample_copy).database)) as connection:
        connection.execute(
            "insert into preg_other_address (nin, country)"
            " select nin, 'Norge' from preg_address where postal_type in (6, 7) limit 1"
        )
    _assert_stops(sample_copy, "protected_person_has_no_address")


def test_a_protected_address_in_the_comparison_is_found(sample_copy: Settings) -> None:
    with duckdb.connect(str(read_candidate(sample_copy).database)) as connection:
        connection.execute(
            """
            insert into field_comparison_differences
            select 'preg_persontjenesten', nin, 'Address', 'street_name', null, 'Storgata', 'only_right', null
            from preg_address where postal_type = 7 limit 1
            """
        )
    _assert_stops(sample_copy, "protected_address_is_not_compared")


def test_a_persons_number_is_in_no_result(sample_copy: Settings) -> None:
    database = read_candidate(sample_copy).database
    with duckdb.connect(str(database)) as connection:
        ((nin,),) = connection.execute(f"select {_FIRST}").fetchall()
        connection.execute(f"update preg_person set date_of_birth = '2999-01-01' where nin = {_FIRST}")
    candidate = read_candidate(sample_copy)
    results = run_gate(sample_copy, candidate.database, sample_copy.work_dir / "dbt", candidate.check_results)
    (fired,) = [result for result in results if result.name == "preg_person_is_born_before_today"]
    assert len(fired.sample[0]) == 12
    assert nin not in candidate.check_results.read_text()


def test_a_check_that_cannot_run_stops_publication(sample_copy: Settings) -> None:
    database = read_candidate(sample_copy).database
    with duckdb.connect(str(database)) as connection:
        connection.execute("alter table preg_person rename column custody to somebody_renamed_it")
    assert not _results(sample_copy)["preg_person_custody_in_code_list"].ran
    _assert_stops(sample_copy, "preg_person_custody_in_code_list")


def test_a_check_that_nothing_runs_stops_publication(sample_copy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.gate.check_sequence", lambda *_: [])
    results = _results(sample_copy)
    assert "nothing has run it" in results["sequence_has_no_gap"].todo
    owner = results["sequence_has_no_gap"].owner
    assert owner
    # Who answers for it is told with it: the alert is this text.
    with pytest.raises(GateStopped, match=f"sequence_has_no_gap.*; {owner}: "):
        raise_if_blocked(results.values())


def test_a_part_of_reconciliation_that_cannot_run_leaves_none_of_it_passed(sample_copy: Settings) -> None:
    """The quarantine only warns: with the others it must not go unseen."""
    with duckdb.connect(str(sample_copy.warehouse)) as connection:
        connection.execute("alter table raw.quarantine rename column reason_code to code")
    results = _results(sample_copy)
    for name in ("quarantine_is_empty", "every_document_reaches_a_person", "delivered_is_loaded_or_quarantined"):
        assert "could not run" in results[name].todo
        assert not results[name].ran
    with pytest.raises(GateStopped):
        raise_if_blocked(results.values())


def _results(settings: Settings, last: Path | None = None, **given: bool) -> dict[str, CheckResult]:
    """Run the gate against the release whose database is `last`; the results by name."""
    candidate = read_candidate(settings)
    (release,) = list_releases(settings)
    compared = None if last is None else Release(last.parent, release.manifest)
    results = run_gate(
        settings, candidate.database, settings.work_dir / "dbt", candidate.check_results, compared, **given
    )
    return {result.name: result for result in results}


@pytest.fixture
def last(sample_copy: Settings, tmp_path: Path) -> Path:
    """The sample's release once more, to be changed as if it had been another."""
    (release,) = list_releases(sample_copy)
    folder = tmp_path / "last"
    folder.mkdir()
    return Path(shutil.copy2(release.database, folder))


def test_every_single_loss_of_protection_waits_for_a_name(sample_copy: Settings, last: Path) -> None:
    with duckdb.connect(str(last)) as release:
        release.execute(f"update preg_address set postal_type = 7 where current_address and nin = {_ANY_ADDRESS}")
    lost = _results(sample_copy, last)["protection_is_lost"]
    assert (lost.failures, lost.awaits_approval, lost.blocks) == (1, True, False)
    assert len(lost.sample[0]) == 12


def test_protection_of_which_nothing_is_said_any_more_is_told(sample_copy: Settings, last: Path) -> None:
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        warehouse.execute(
            "update intermediate.int_person__protection set grade = 'fortrolig' where document_number in ("
            " select document_number from intermediate.int_person__current"
            " where stated_protection is null limit 5)"
        )
    (release,) = list_releases(sample_copy)
    assert release.manifest.lineage is not None
    from_the_start = release.manifest.lineage.model_copy(update={"last_document_number": 0})
    candidate = read_candidate(sample_copy)
    results = run_gate(
        sample_copy,
        candidate.database,
        sample_copy.work_dir / "dbt",
        candidate.check_results,
        Release(last.parent, release.manifest.changed(lineage=from_the_start)),
    )
    (undelivered,) = [result for result in results if result.name == "protection_is_no_longer_told"]
    assert (undelivered.failures, undelivered.awaits_approval) == (5, True)


def test_a_grade_that_nobody_knows_is_named(sample_copy: Settings) -> None:
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        warehouse.execute(
            """
            update raw.freg_document
            set folkeregisterperson = struct_update(
                folkeregisterperson,
                adressebeskyttelse := [{'graderingsnivaa': 'FORTROLIG', 'erGjeldende': true}]
            )
            where document_number = (select min(document_number) from intermediate.int_person__current)
            """
        )
    unknown = _results(sample_copy)["protection_grade_is_known"]
    assert (unknown.failures, unknown.sample) == (1, ['"FORTROLIG": 1'])


def test_a_number_that_two_persons_list_is_told_and_stops_nobody(sample_copy: Settings) -> None:
    with duckdb.connect(str(sample_copy.warehouse)) as warehouse:
        warehouse.execute(
            """
            insert into staging.stg_freg__identifikasjonsnummer by name
            select * replace (
                (select max(document_number) from intermediate.int_person__state where is_present) as document_number
            )
            from staging.stg_freg__identifikasjonsnummer
            where document_number = (select min(document_number) from intermediate.int_person__state where is_present)
            """
        )
    claimed = _results(sample_copy)["number_is_claimed_by_one_person"]
    assert (claimed.failures >= 1, claimed.blocks, claimed.awaits_approval) == (True, False, False)


def test_where_nothing_can_be_compared_a_person_decides(sample_copy: Settings) -> None:
    name = "there_is_a_release_to_compare_with"
    assert _results(sample_copy)[name].passed
    assert _results(sample_copy, published_before=True)[name].awaits_approval


def test_a_finding_stands_until_its_cause_is_gone(sample_copy: Settings, last: Path) -> None:
    with duckdb.connect(str(last)) as release:
        release.execute(
            "update preg_person set gender = 3 - gender where nin = ("
            "select max(nin) from preg_person where gender in (1, 2) and reg_status = 1)"
        )
    result = _results(sample_copy, last)["person_gender_fits_number"]
    assert (result.failures, result.passed, result.blocks) == (2, False, False)
    assert result.since_last == Recurrence(new=0, standing=2, mended=1)


def test_a_column_that_nobody_has_declared_harmless_tells_a_place(sample_copy: Settings) -> None:
    with duckdb.connect(str(read_candidate(sample_copy).database)) as connection:
        connection.execute("alter table preg_address add column nearest_school varchar")
        connection.execute("update preg_address set nearest_school = 'Berg skole' where postal_type in (6, 7)")
    fired = {name for name, result in _results(sample_copy).items() if result.blocks}
    assert {"protected_person_has_no_address", "preg_address_hidden_is_blank"} <= fired


def test_a_failed_dbt_test_stops_publication(sample_copy: Settings, tmp_path: Path) -> None:
    target = sample_copy.work_dir / "dbt"
    text = (target / "run_results.json").read_text()
    assert '"status": "pass"' in text
    (target / "run_results.json").write_text(text.replace('"status": "pass"', '"status": "fail"', 1))
    candidate = read_candidate(sample_copy)
    results = run_gate(sample_copy, candidate.database, target, candidate.check_results)
    with pytest.raises(GateStopped, match="dbt_"):
        raise_if_blocked(results)
    shutil.rmtree(target)
