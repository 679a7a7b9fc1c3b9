"""Access profiles: every field of every profile is blank or received, and the structure stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from foundation.errors import ConfigurationError, PregError
from foundation.settings import Settings
from ingest.contracts.preg import snake_case
from publication.access.access_profile import (
    AccessProfile,
    find_access_profile,
    read_access_profile,
    read_access_profiles,
)
from publication.access.client_profile import all_fields
from publication.access.profile_release import profile_folder, write_profile_release
from publication.store.release import current_release

pytestmark = pytest.mark.xdist_group("built sample")

PROFILES = {profile.name: profile for profile in read_access_profiles(Settings(data_dir=Path("nowhere")))}
HIDDEN = "(enrichment_method = 'hidden' or postal_type in (4, 6, 7))"
KIND_OF_PROTECTION = {"postal_type", "date_postal_type"}


@pytest.fixture(scope="module")
def opened(built_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the release, and that of every profile attached under its name."""
    release = current_release(Settings(data_dir=built_sample))
    assert release is not None
    settings = Settings(data_dir=tmp_path_factory.mktemp("profiles"))
    with duckdb.connect() as connection:
        connection.execute(f"attach '{release.database}' as release (read_only)")
        for profile in PROFILES.values():
            written = write_profile_release(settings, release, profile)
            connection.execute(f"attach '{written.folder / 'preg.duckdb'}' as {profile.name} (read_only)")
        yield connection


def _received_rows(profile: AccessProfile, table: str, column: str) -> str:
    """SQL: the condition of the release's rows whose value a client of the profile receives."""
    if table == "preg_person":
        codes = [entry for field, entry in profile.withheld_codes.items() if field.split(".")[1] == column]
        return " and ".join(f"reg_status not in ({', '.join(map(str, entry.codes))})" for entry in codes) or "true"
    types = ", ".join(f"'{name}'" for name in profile.file.address_types)
    conditions = [f"(address_type is null or address_type in ({types}))"]
    if not profile.file.history:
        conditions.append("current_address")
    if profile.file.protected == "none" and column in KIND_OF_PROTECTION:
        conditions.append(f"not coalesce({HIDDEN}, false)")
    return " and ".join(conditions)


@pytest.mark.parametrize("field", all_fields())
@pytest.mark.parametrize("name", PROFILES)
def test_a_field_is_blank_or_received(opened: duckdb.DuckDBPyConnection, name: str, field: str) -> None:
    profile = PROFILES[name]
    entity, column = field.split(".")
    table = "preg_address" if entity == "Address" else "preg_person"
    ((shown,),) = opened.execute(f"select count({column}) from {name}.{table}").fetchall()
    explanation = profile.explain(field)
    if not explanation.received:
        assert explanation.why
        assert shown == 0
        return
    if column in ("nin", "current_address"):
        kept = "true" if profile.file.history or table == "preg_person" else "current_address"
    else:
        kept = _received_rows(profile, table, column)
    ((expected,),) = opened.execute(f"select count({column}) from release.{table} where {kept}").fetchall()
    assert shown == expected


@pytest.mark.parametrize("name", PROFILES)
def test_the_structure_stays(opened: duckdb.DuckDBPyConnection, name: str) -> None:
    columns = "select table_name, column_name, data_type, column_index, comment from duckdb_columns()"
    tables = f"(select table_name from duckdb_tables() where database_name = '{name}')"
    ((different,),) = opened.execute(
        f"""
        select count(*) from (
            (({columns} where database_name = 'release' and table_name in {tables})
            except ({columns} where database_name = '{name}'))
        )
        """
    ).fetchall()
    assert different == 0
    assert (
        opened.execute(f"select count(*) from {name}.preg_person").fetchall()
        == opened.execute("select count(*) from release.preg_person").fetchall()
    )


@pytest.mark.parametrize("name", [name for name, profile in PROFILES.items() if not profile.file.history])
def test_without_history_there_is_no_past(opened: duckdb.DuckDBPyConnection, name: str) -> None:
    for table in ("preg_state", "preg_person_earlier", "preg_address_earlier", "preg_change_log"):
        assert opened.execute(f"select count(*) from {name}.{table}").fetchall() == [(0,)], table
    assert opened.execute(f"select count(*) from {name}.preg_address where not current_address").fetchall() == [(0,)]


@pytest.mark.parametrize("name", PROFILES)
def test_the_log_tells_nothing_of_what_is_withheld(opened: duckdb.DuckDBPyConnection, name: str) -> None:
    shown = {
        f"{entity}.{field}"
        for entity, field in opened.execute(
            f"select distinct entity, field from {name}.preg_change_log"
            " where from_value is not null or to_value is not null"
        ).fetchall()
    }
    assert shown.isdisjoint(PROFILES[name].withheld)


def test_our_own_columns_follow_the_field_they_tell_of(opened: duckdb.DuckDBPyConnection) -> None:
    assert opened.execute(
        "select count(grunnkrets_number), count(grunnkrets_name) from fastlege.preg_address"
    ).fetchall() == [(0, 0)]
    ((shown,),) = opened.execute("select count(grunnkrets_number) from statistikk.preg_address").fetchall()
    assert shown > 0


def test_the_profile_of_no_legal_basis_is_what_the_mapping_says(opened: duckdb.DuckDBPyConnection) -> None:
    needs_basis = {
        f"{entity}.{snake_case(field)}"
        for entity, field in opened.execute(
            "select preg_entity, preg_field from release.field_mapping where access = 'legal basis'"
        ).fetchall()
    }
    assert set(PROFILES["persontjenesten_no_legal_basis"].withheld) == needs_basis
    assert not PROFILES["persontjenesten_legal_basis"].withheld
    for_some_codes = {
        f"{entity}.{snake_case(field)}"
        for entity, field in opened.execute(
            "select preg_entity, preg_field from release.field_mapping where access = 'legal basis for some codes'"
        ).fetchall()
    }
    assert set(PROFILES["persontjenesten_no_legal_basis"].withheld_codes) == for_some_codes


def test_a_confidential_status_is_blank_without_a_legal_basis_and_an_open_one_is_not(
    opened: duckdb.DuckDBPyConnection,
) -> None:
    """4 forsvunnet, 7 foedselsregistrert and 9 ikkeBosatt are confidential by law; their days too."""
    ((confidential, of_others),) = opened.execute(
        "select count(*) filter (reg_status in (4, 7, 9)), count(*) filter (reg_status not in (4, 7, 9))"
        " from release.preg_person"
    ).fetchall()
    assert confidential > 0
    ((codes, days, shown),) = opened.execute(
        """
        select count(*) filter (without_basis.reg_status in (4, 7, 9)),
            count(*) filter (without_basis.date_status is not null and whole.reg_status in (4, 7, 9)),
            count(without_basis.reg_status)
        from persontjenesten_no_legal_basis.preg_person as without_basis
        inner join release.preg_person as whole using (nin)
        """
    ).fetchall()
    assert (codes, days, shown) == (0, 0, of_others)
    ((logged,),) = opened.execute(
        "select count(*) from persontjenesten_no_legal_basis.preg_change_log"
        " where field in ('reg_status', 'date_status') and (from_value is not null or to_value is not null)"
    ).fetchall()
    assert logged == 0


def test_a_profile_release_names_where_it_comes_from(built_sample: Path, tmp_path: Path) -> None:
    release = current_release(Settings(data_dir=built_sample))
    assert release is not None
    settings = Settings(data_dir=tmp_path)
    profile = PROFILES["apotek"]
    first = write_profile_release(settings, release, profile)
    inode = (first.folder / "preg.duckdb").stat().st_ino
    again = write_profile_release(settings, release, profile)
    # The one that was there: a release does not change.
    assert (again.folder / "preg.duckdb").stat().st_ino == inode
    (first.folder / "parquet" / "preg_person.parquet").write_bytes(b"other")
    write_profile_release(settings, release, profile)
    assert (again.folder / "preg.duckdb").stat().st_ino != inode
    assert first.folder == again.folder == profile_folder(settings, profile, release)
    assert release.release_id in (first.folder / "manifest.json").read_text(encoding="utf-8")


GOOD = """
title: T
legal_basis: L
basis: inferred
address_types: [bostedsadresse]
history: false
protected: none
withheld: []
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("history: false", "history: perhaps"), "history"),
        (("withheld: []", "withheld: [{fields: [Person.Shoe], why: w}]"), "PREG has no field Person.Shoe"),
        (("withheld: []", "withheld: [{fields: [Person.NIN], why: w}]"), "Person.nin cannot be withheld"),
        (("withheld: []", "withheld: [{fields: [Person.Sn]}]"), "why"),
        (("title: T", "title: ["), "cannot be used"),
        (("bostedsadresse", "hytte"), "address_types"),
    ],
)
def test_a_profile_that_cannot_be_used_says_why(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message) as refused:
        read_access_profile(file)
    assert str(file) in refused.value.where


def test_an_own_profile_goes_before_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "apotek.yml").write_text(GOOD, encoding="utf-8")
    settings = Settings(data_dir=tmp_path)
    assert find_access_profile(settings, "apotek").file.title == "T"
    with pytest.raises(PregError, match="there is no profile nobody"):
        find_access_profile(settings, "nobody")
