"""Which fields a client reads: named as PREG's clients know them, or as our columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.errors import PregError
from foundation.settings import Settings
from publication.access.client_profile import all_fields, read_profile, read_profiles


def _file(folder: Path, *lines: str, name: str = "mine.csv") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_every_field_of_preg_can_be_named_in_three_ways(tmp_path: Path) -> None:
    assert len(all_fields()) == 60
    file = _file(tmp_path, "field,why", "Person.MothersNIN,x", "postal_code,y", "Gender,z", ",")
    assert read_profile(file).fields == ("Person.mothers_nin", "Address.postal_code", "Store.gender")


def test_a_name_in_two_entities_means_both(tmp_path: Path) -> None:
    assert read_profile(_file(tmp_path, "field", "NIN")).fields == ("Person.nin", "Address.nin")


def test_a_field_that_preg_does_not_have_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(PregError, match=r"PREG has no field Person\.Shoe") as wrong:
        read_profile(_file(tmp_path, "field", "Person.Sn", "Person.Shoe"))
    assert wrong.value.where.endswith("mine.csv, line 3")


@pytest.mark.parametrize("content", ["felt\nPerson.Sn\n", "", "\x00\xff"])
def test_a_file_that_is_no_list_of_fields_says_so(tmp_path: Path, content: str) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(PregError) as wrong:
        read_profile(file)
    assert str(file) in wrong.value.where


def test_an_installations_own_profile_goes_before_an_example(tmp_path: Path) -> None:
    examples = {profile.name: profile for profile in read_profiles(Settings(data_dir=tmp_path))}
    assert set(examples) == {"fastlege", "pasientadministrasjon", "statistikk"}
    _file(tmp_path / "client_profiles", "field", "Person.Sn", name="fastlege.csv")
    mine = {profile.name: profile for profile in read_profiles(Settings(data_dir=tmp_path))}
    assert mine["fastlege"].fields == ("Person.sn",)
    assert mine["statistikk"] == examples["statistikk"]
