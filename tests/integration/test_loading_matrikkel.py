"""Loading Matrikkelen's files by their own headers."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from foundation.database import session
from foundation.settings import Settings
from ingest.deliveries import load_new
from tests.support.deliveries import deliver, packed
from tests.support.persons import GRUNNKRETS_BYDEL, STORGATA_1, matrikkel_csv

NAME = "matrikkelenAdresse.csv"


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with session(settings, settings.warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


def load(settings: Settings, files: dict[str, bytes], rows: dict[str, int] | None = None, **given: Any) -> Any:
    deliver(settings.landing_dir, "matrikkel", "m1", files, rows=rows, sequence_from=None, sequence_to=None, **given)
    return load_new(settings, ["matrikkel"])


def test_points_and_commas_are_both_decimals(settings: Settings) -> None:
    report = load(settings, {NAME: matrikkel_csv(STORGATA_1), "grunnkrets_bydel.csv": GRUNNKRETS_BYDEL})
    assert report.refused == []
    assert ask(settings, "select lokal_id, nord, oest, nummer, bokstav from raw.matrikkel_adresse") == [
        ("200000001", Decimal("6649321.50"), Decimal("262871.25"), 1, None)
    ]
    assert ask(settings, "select grunnkretsnummer, bydelsnavn from raw.matrikkel_grunnkrets_bydel") == [
        ("03010105", "Gamle Oslo")
    ]


def test_a_byte_order_mark_is_not_part_of_the_header(settings: Settings) -> None:
    report = load(settings, {NAME: b"\xef\xbb\xbf" + matrikkel_csv(STORGATA_1)})
    assert report.refused == []
    assert ask(settings, "select lokal_id from raw.matrikkel_adresse") == [("200000001",)]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_compressed_files_are_read(settings: Settings, ending: str) -> None:
    report = load(settings, {NAME + ending: packed(NAME + ending, matrikkel_csv(STORGATA_1))})
    assert report.refused == []
    assert ask(settings, "select count(*) from raw.matrikkel_adresse") == [(1,)]


def test_windows_line_ends_and_quotes(settings: Settings) -> None:
    content = matrikkel_csv({**STORGATA_1, "adressenavn": '"Stor;gata"'}).replace(b"\n", b"\r\n")
    report = load(settings, {NAME: content})
    assert report.refused == []
    assert ask(settings, "select adressenavn, valgkretsnummer from raw.matrikkel_adresse") == [("Stor;gata", "0012")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025-11-03T10:00:00", dt.datetime(2025, 11, 3, 10)),
        ("03.11.2025 10:00:00", dt.datetime(2025, 11, 3, 10)),
        ("20251103", dt.datetime(2025, 11, 3)),
    ],
)
def test_dates_as_the_register_writes_them(settings: Settings, written: str, read: dt.datetime) -> None:
    load(settings, {NAME: matrikkel_csv({**STORGATA_1, "oppdateringsdato": written})})
    assert ask(settings, "select oppdateringsdato from raw.matrikkel_adresse") == [(read,)]


def test_a_row_that_does_not_fit_goes_to_quarantine(settings: Settings) -> None:
    report = load(settings, {NAME: matrikkel_csv(STORGATA_1, {**STORGATA_1, "Nord": "nordpå", "lokalId": "2"})})
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (1, 1)
    assert ask(settings, "select line_number, reason_code, reason from raw.quarantine") == [
        (3, "invalid_value", "Nord: expected a number")
    ]


def test_a_row_without_its_identifier_goes_to_quarantine(settings: Settings) -> None:
    load(settings, {NAME: matrikkel_csv(STORGATA_1, {**STORGATA_1, "lokalId": ""})})
    assert ask(settings, "select reason from raw.quarantine") == [("lokalId: expected a value",)]


def test_a_row_of_another_width_goes_to_quarantine(settings: Settings) -> None:
    content = matrikkel_csv(STORGATA_1) + b"200000002;0301;one;too;few\n"
    report = load(settings, {NAME: content})
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (1, 1)
    ((line, code, document),) = ask(settings, "select line_number, reason_code, document from raw.quarantine")
    assert (line, code) == (3, "not_a_row")
    assert document == "200000002;0301;one;too;few"


def test_a_row_that_is_not_utf8_goes_to_quarantine(settings: Settings) -> None:
    broken = matrikkel_csv({**STORGATA_1, "lokalId": "2"}).splitlines()[1].replace(b"Storgata", b"\xe5sgata")
    report = load(settings, {NAME: matrikkel_csv(STORGATA_1) + broken + b"\n"}, rows={NAME: 2})
    ((_, counts),) = report.loaded
    assert (counts.loaded, counts.quarantined) == (1, 1)


def test_unknown_columns_are_kept_and_reported(settings: Settings) -> None:
    report = load(settings, {NAME: matrikkel_csv({**STORGATA_1, "solforhold": "gode"})})
    ((_, counts),) = report.loaded
    assert counts.unknown_elements == {"matrikkelenAdresse.solforhold": 1}
    ((kept,),) = ask(settings, "select unknown_elements from raw.matrikkel_adresse")
    assert json.loads(kept) == {"solforhold": "gode"}


def test_a_missing_required_column_refuses_the_delivery(settings: Settings) -> None:
    (refusal,) = load(settings, {NAME: b"adressenavn;nummer\nStorgata;1\n"}).refused
    assert "lokalId" in refusal.what
    assert "found: adressenavn, nummer" in refusal.what


def test_a_wrong_row_count_refuses_the_delivery(settings: Settings) -> None:
    (refusal,) = load(settings, {NAME: matrikkel_csv(STORGATA_1)}, rows={NAME: 5}).refused
    assert "the manifest says 5 rows, the file has 1" in refusal.what
    assert ask(settings, "select count(*) from raw.matrikkel_adresse") == [(0,)]


def test_an_unexpected_file_refuses_the_delivery(settings: Settings) -> None:
    (refusal,) = load(settings, {"kart.csv": b"a;b\n1;2\n"}).refused
    assert "unexpected file 'kart.csv'" in refusal.what


def test_tables_of_the_register_are_typed(settings: Settings) -> None:
    report = load(
        settings,
        {
            "krets.csv": b"krets_id;kretstype;kretsnummer\n7;grunnkrets;03010105\n",
            "veg.csv": b"VEG_ID;kommune_id;Adressekode;kort adressenavn\n1;301;777;Storgt.\n",
            "kommune.csv": b"kommune_id;kommunenummer;kommunenavn;valid_from\n301;0301;OSLO;2020-01-01\n",
        },
    )
    assert report.refused == []
    ((_, counts),) = report.loaded
    assert counts.notices == []
    assert counts.unknown_elements == {}
    assert ask(settings, "select krets_id, kretstype, kretsnummer, kretsnavn from raw.matrikkel_krets") == [
        ("7", "grunnkrets", "03010105", None)
    ]
    assert ask(settings, "select veg_id, adressekode, kort_adressenavn from raw.matrikkel_veg") == [
        ("1", "777", "Storgt.")
    ]
    assert ask(settings, "select gyldig_fra from raw.matrikkel_kommune") == [(dt.datetime(2020, 1, 1),)]


def test_a_table_of_the_register_without_its_key_is_refused(settings: Settings) -> None:
    (refusal,) = load(settings, {"krets.csv": b"kretstype;kretsnummer\ngrunnkrets;03010105\n"}).refused
    assert "the header has no column krets_id" in refusal.what


# The same point in UTM 32 and in UTM 33, as PROJ computes it.
IN_UTM_32 = {"EPSG-kode": "25832", "Nord": "6643000,00", "Øst": "597000,00"}


def test_other_coordinate_systems_are_brought_to_utm_33(settings: Settings) -> None:
    load(settings, {NAME: matrikkel_csv(STORGATA_1, {**STORGATA_1, **IN_UTM_32, "lokalId": "2"})})
    assert ask(settings, "select oest, nord, oest_utm33, nord_utm33 from raw.matrikkel_adresse order by lokal_id") == [
        (Decimal("597000.00"), Decimal("6643000.00"), Decimal("261573.26"), Decimal("6649413.76")),
        (Decimal("262871.25"), Decimal("6649321.50"), None, None),
    ]


def test_the_points_of_the_register_are_brought_to_utm_33_too(settings: Settings) -> None:
    content = b"adresse_id;representasjonspunkt_x;representasjonspunkt_y;koordinatsystem\n1;597000;6643000;EPSG:25832\n"
    load(settings, {"adresse.csv": content})
    assert ask(settings, "select oest_utm33, nord_utm33 from raw.matrikkel_register_adresse") == [
        (Decimal("261573.26"), Decimal("6649413.76"))
    ]


def test_an_unknown_coordinate_system_is_told(settings: Settings) -> None:
    report = load(settings, {NAME: matrikkel_csv({**STORGATA_1, "EPSG-kode": "99999"})})
    ((_, counts),) = report.loaded
    assert counts.loaded == 1
    assert counts.notices == [f"{NAME}: the coordinate system 99999 is not known; its points are not shown"]


@pytest.mark.parametrize("system", ["UTM32", "EPSG:99999"])
def test_a_coordinate_system_that_is_no_epsg_number_is_told(settings: Settings, system: str) -> None:
    content = f"adresse_id;x;y;koordinatsystem\n1;597000;6643000;{system}\n".encode()
    ((_, counts),) = load(settings, {"adresse.csv": content}).loaded
    assert counts.notices == [f"adresse.csv: the coordinate system {system} is not known; its points are not shown"]


def test_of_two_names_for_one_column_the_first_counts_and_the_other_is_kept(settings: Settings) -> None:
    content = b"matrikkelenhet_id;kommune_id;kommunenummer;gardsnummer\n1;k7;0301;12\n"
    report = load(settings, {"matrikkelenhet.csv": content})
    assert report.refused == []
    assert ask(settings, "select kommune, gardsnummer, unknown_elements from raw.matrikkel_matrikkelenhet") == [
        ("k7", 12, '{"kommunenummer":"0301"}')
    ]


@pytest.mark.parametrize(
    "name",
    [
        "a$$b",
        "$$, (select content from read_text('/etc/hostname')), $$",
        "it's",
        'a"b',
        "a','b': 'INTEGER",
        "$name_0",
        "{x}",
        "c0",
        "*",
        "\x1b[31mred",
    ],
)
def test_an_unknown_column_is_a_name_whatever_it_says(settings: Settings, name: str) -> None:
    lines = matrikkel_csv(STORGATA_1).decode().splitlines()
    written = '"' + name.replace('"', '""') + '"'
    content = f"{lines[0]};{written}\n{lines[1]};value\n{lines[1]};\n".encode()
    report = load(settings, {NAME: content})
    assert report.refused == []
    ((_, counts),) = report.loaded
    assert counts.unknown_elements == {f"matrikkelenAdresse.{name}": 2}
    kept = [json.loads(row) for (row,) in ask(settings, "select unknown_elements from raw.matrikkel_adresse")]
    assert sorted(str(each[name]) for each in kept) == ["None", "value"]


def test_a_separator_at_the_end_of_each_line_is_no_column(settings: Settings) -> None:
    content = matrikkel_csv(STORGATA_1).replace(b"\n", b";\n")
    report = load(settings, {NAME: content})
    assert report.refused == []
    assert ask(settings, "select lokal_id, valgkretsnummer, unknown_elements from raw.matrikkel_adresse") == [
        ("200000001", "0012", None)
    ]


def test_what_stands_in_a_column_without_a_name_is_kept(settings: Settings) -> None:
    header, row = matrikkel_csv(STORGATA_1).splitlines()
    report = load(settings, {NAME: header + b";\n" + row + b";stray\n"})
    ((_, counts),) = report.loaded
    assert list(counts.unknown_elements) == ["matrikkelenAdresse.column 17"]
    ((kept,),) = ask(settings, "select unknown_elements from raw.matrikkel_adresse")
    assert json.loads(kept) == {"column 17": "stray"}


@pytest.mark.parametrize("end", [b"\r\n", b"\r\r\n"])
def test_returns_before_the_line_feed_are_no_part_of_the_row(settings: Settings, end: bytes) -> None:
    report = load(settings, {NAME: matrikkel_csv(STORGATA_1).replace(b"\n", end)})
    assert report.refused == []
    assert ask(settings, "select lokal_id, valgkretsnummer from raw.matrikkel_adresse") == [("200000001", "0012")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (matrikkel_csv(STORGATA_1).replace(b"\n", b"\r"), "header"),
        (matrikkel_csv(STORGATA_1).decode().encode("utf-16"), "header"),
        (b"lokalId;" + b"x" * 200_000 + b"\n1;2\n", "header"),
        (b"lokalId;" + b";".join(b"c%d" % place for place in range(3_000)) + b"\n", "header"),
        (b"\x00" * 100 + b"\n", "header"),
    ],
)
def test_a_header_that_is_none_is_said_to_be(settings: Settings, content: bytes, words: str) -> None:
    (refusal,) = load(settings, {NAME: content}, rows={NAME: 1}).refused
    assert words in refusal.what
    assert refusal.where.endswith(NAME)
    assert str(refusal).replace("\n", "").isprintable()


@pytest.mark.parametrize("written", ["1.5", "1e3", "0x10", "1_000", "1,5"])
def test_a_whole_number_is_never_rounded(settings: Settings, written: str) -> None:
    load(settings, {NAME: matrikkel_csv(STORGATA_1, {**STORGATA_1, "nummer": written, "lokalId": "2"})})
    assert ask(settings, "select line_number, reason from raw.quarantine") == [(3, "nummer: expected a whole number")]


def test_a_line_that_is_too_long_goes_to_quarantine(settings: Settings) -> None:
    rows = matrikkel_csv(STORGATA_1, {**STORGATA_1, "adressenavn": "x" * (5 << 20)}, {**STORGATA_1, "lokalId": "3"})
    ((_, counts),) = load(settings, {NAME: rows}).loaded
    assert (counts.loaded, counts.quarantined) == (2, 1)
    assert ask(settings, "select line_number, reason_code, document from raw.quarantine") == [(3, "too_large", None)]


def test_more_rows_than_the_manifest_says_are_not_read(settings: Settings) -> None:
    (refusal,) = load(settings, {NAME: matrikkel_csv(*[STORGATA_1] * 5_000)}, rows={NAME: 2}).refused
    assert "the manifest says 2 rows, the file has more" in refusal.what


def test_a_delivery_of_which_most_does_not_fit_is_refused_by_column(settings: Settings) -> None:
    rows = [{**STORGATA_1, "lokalId": str(place), "Nord": "secret"} for place in range(6)]
    report = load(settings, {NAME: matrikkel_csv(STORGATA_1, *rows)})
    (refusal,) = report.refused
    assert "6 of 7 records do not fit" in refusal.what
    assert f"{NAME}: Nord: expected a number, in 6 of 7 (for example {NAME}:3)" in refusal.what
    assert "secret" not in str(refusal)
    assert ask(settings, "select count(*) from raw.quarantine") == [(0,)]
