"""Where a column comes from, read from what the last build ran."""

from __future__ import annotations

import pytest

from foundation.errors import PregError
from foundation.settings import Settings
from orchestration.dbt.column_lineage import LineageColumn, column_lineage

pytestmark = pytest.mark.xdist_group("built sample")


def names(column: LineageColumn) -> set[str]:
    return {column.name}.union(*(names(source) for source in column.sources))


def test_a_column_is_followed_to_what_was_delivered(sample_copy: Settings) -> None:
    district = column_lineage(sample_copy, "preg_address", "district_code")
    assert district.name == "marts.preg_address.district_code"
    assert {
        "intermediate.int_preg__address.district_code",
        "staging.stg_matrikkel__grunnkrets_bydel.bydelsnummer",
        "raw.matrikkel_grunnkrets_bydel.bydelsnummer",
    } <= names(district)
    assert "raw.matrikkel_adresse.nord" not in names(district)
    assert "marts.landkode.ssb_landkode" in names(column_lineage(sample_copy, "preg_person", "citizenship"))
    assert "raw.freg_document.folkeregisterperson" in names(column_lineage(sample_copy, "preg_person", "sn"))


def test_a_name_that_is_not_there_is_told(sample_copy: Settings) -> None:
    with pytest.raises(PregError, match="no model is named preg_persons"):
        column_lineage(sample_copy, "preg_persons", "sn")
    with pytest.raises(PregError, match="preg_person has no column surname; it has nin, old_nin"):
        column_lineage(sample_copy, "preg_person", "surname")


def test_without_a_build_there_is_no_lineage(settings: Settings) -> None:
    with pytest.raises(PregError, match="nothing has been built here"):
        column_lineage(settings, "preg_person", "sn")
