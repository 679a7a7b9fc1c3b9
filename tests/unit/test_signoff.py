"""A sign-off holds while the share of equal values is what was signed, or better."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import PregError
from foundation.settings import Settings
from publication.reports.signoff import (
    Signoff,
    counts_to_sign,
    read_signoffs,
    sign,
    signoff_file,
    withdraw_signoff,
)


def _signoff(compared: int, equal: int) -> Signoff:
    return Signoff("preg_persontjenesten", "Person", "sn", "Kari Leder", "2026-01-02", "", "r", compared, equal)


@given(st.integers(1, 10**7), st.data())
def test_it_holds_at_its_own_rate_and_above(compared: int, data: st.DataObject) -> None:
    equal = data.draw(st.integers(0, compared))
    assert _signoff(compared, equal).holds(compared, data.draw(st.integers(equal, compared)))


@pytest.mark.parametrize(("equal", "holds"), [(990_000, True), (989_000, True), (988_900, False), (1_000_000, True)])
def test_it_is_void_when_the_rate_falls_by_more_than_one_in_a_thousand(equal: int, holds: bool) -> None:
    assert _signoff(1_000_000, 990_000).holds(1_000_000, equal) == holds


def test_it_is_void_when_nothing_is_compared_any_more() -> None:
    assert not _signoff(10, 10).holds(0, 0)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "preg.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table field_comparison_summary as select 'preg_persontjenesten' as pair, 'Person' as entity,"
            " 'sn' as field, 400 as compared, 297 as equal, 103 as different, 3 as causes, 100 as derived"
        )
    return file


def test_the_last_sign_off_of_a_field_counts_and_the_others_stay(tmp_path: Path, database: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    for name, note in (("Kari Leder", "første"), ("Ola Leder", 'med "anførsel", og komma')):
        sign(
            settings,
            database,
            "r1",
            pair="preg_persontjenesten",
            field="Person.sn",
            name=name,
            note=note,
            today=dt.date(2026, 1, 2),
        )
    ((signed),) = read_signoffs(settings).values()
    assert (signed.name, signed.note, signed.date) == ("Ola Leder", 'med "anførsel", og komma', "2026-01-02")
    assert signed.rate == pytest.approx(0.99)
    assert len(signoff_file(settings).read_text(encoding="utf-8").splitlines()) == 3


def test_a_sign_off_is_taken_back_by_name_and_can_be_signed_again(tmp_path: Path, database: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    key = ("preg_persontjenesten", "Person", "sn")
    today = dt.date(2026, 1, 2)

    def sign_it() -> None:
        sign(settings, database, "r1", pair=key[0], field="Person.sn", name="Kari Leder", note="", today=today)

    sign_it()
    withdraw_signoff(settings, key, name="Ola Leder", note="wrong field", today=today)
    assert read_signoffs(settings) == {}
    with pytest.raises(PregError, match=r"Person\.sn is not signed off"):
        withdraw_signoff(settings, key, name="Ola Leder", note="", today=today)
    # Who did it, and what was signed before, stays in the file.
    assert [line.split(",")[3] for line in signoff_file(settings).read_text(encoding="utf-8").splitlines()] == [
        "name", "Kari Leder", "Ola Leder",
    ]  # fmt: skip
    sign_it()
    assert key in read_signoffs(settings)


def test_a_field_is_not_void_for_what_follows_from_another(tmp_path: Path, database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        assert counts_to_sign(connection) == {("preg_persontjenesten", "Person", "sn"): (300, 297)}
        # A release from before has no derived differences, and nothing else to sign.
        connection.execute("alter table field_comparison_summary drop column derived")
        assert counts_to_sign(connection) == {("preg_persontjenesten", "Person", "sn"): (400, 297)}


def test_of_few_values_none_may_break() -> None:
    """Twenty thousand persons without a number say nothing of the 581 who have one."""
    assert _signoff(581, 581).holds(581, 581)
    assert not _signoff(581, 581).holds(581, 580)


@pytest.mark.parametrize("field", ["Person.shoe", "Address.sn", "x_coord"])
def test_only_what_is_compared_can_be_signed(tmp_path: Path, database: Path, field: str) -> None:
    with pytest.raises(PregError, match="is not a field that preg_persontjenesten compares"):
        sign(
            Settings(data_dir=tmp_path),
            database,
            "r1",
            pair="preg_persontjenesten",
            field=field,
            name="x",
            note="",
            today=dt.date(2026, 1, 2),
        )
    assert not signoff_file(Settings(data_dir=tmp_path)).exists()


def test_a_date_that_is_none_says_so(tmp_path: Path, database: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    today = dt.date(2026, 1, 2)
    sign(settings, database, "r1", pair="preg_persontjenesten", field="sn", name="Kari", note="", today=today)
    file = signoff_file(settings)
    file.write_text(file.read_text(encoding="utf-8").replace("2026-01-02", "02.01.2026"), encoding="utf-8")
    with pytest.raises(PregError, match="sign-offs cannot be read"):
        read_signoffs(settings)


def test_a_file_that_was_spoilt_says_which(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    signoff_file(settings).write_text("pair,entity\npreg_legacy,Person\n", encoding="utf-8")
    with pytest.raises(PregError, match="sign-offs cannot be read") as wrong:
        read_signoffs(settings)
    assert wrong.value.where == str(signoff_file(settings))
