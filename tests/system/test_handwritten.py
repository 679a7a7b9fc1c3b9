"""Deliveries written by hand after the public contract, and the rows of PREG that they must become."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.support.deliveries import deliver, deliver_documents
from tests.support.persons import (
    GRUNNKRETS_BYDEL,
    STORGATA_1,
    entry,
    freg_line,
    freg_person,
    matrikkel_csv,
    number,
    number_entry,
    persontjenesten_person,
    residence,
)
from tests.support.running import forked_preg_run

pytestmark = pytest.mark.xdist_group("handwritten")

KARI = number("1980-05-17", 100)
OLA = number("1978-02-03", 101)
BABY = number("2025-12-01", 500)
D_NUMBER = number("1990-06-06", 100, d_number=True)
SETTLED = number("1990-06-06", 110)
DUBLETT = number("1980-05-17", 130)
SECRET = number("1985-01-02", 102)
HOUSEMATE = number("1986-03-04", 102)
NEIGHBOUR = number("1987-04-05", 103)
STRICT = number("1988-05-06", 104)
STAYS = number("1991-07-07", 105, d_number=True)
NEW_NUMBER = number("2033-04-05", 501, k1_remainder=2)
LEFT = number("1970-09-09", 106)
FARMER = number("1972-10-10", 107)
ELDER = number("1888-11-11", 599)
MOSS = {
    **STORGATA_1,
    "lokalId": "200000077",
    "kommunenummer": "3002",
    "postnummer": "1530",
    "grunnkretsnummer": "30020101",
}


def _marriage(other: str) -> dict[str, Any]:
    return entry("2005-06-07", sivilstand="gift", sivilstandsdato="2005-06-07", relatertVedSivilstand=other)


def _relation(other: str, role: str, mine: str) -> dict[str, Any]:
    return entry(relatertPerson=other, relatertPersonsRolle=role, minRolleForPerson=mine)


FULL = [
    freg_line(
        1,
        freg_person(
            KARI,
            bostedsadresse=[
                residence("Gamleveien", "9", adresse_id=None, current=False, moved="2001-01-01", grunnkrets=105),
                residence(letter="A", moved="2010-03-04"),
            ],
            sivilstand=[entry(None, current=False, sivilstand="ugift"), _marriage(OLA)],
            navn=[
                entry("1980-05-17", current=False, fornavn="Kari", etternavn="Dal"),
                entry("2005-06-07", fornavn="Kari", mellomnavn="Dal", etternavn="Nordmann"),
            ],
            identifikasjonsnummer=[number_entry(KARI), number_entry(DUBLETT, in_use=False, valid_from="1999-01-01")],
        ),
    ),
    freg_line(
        2,
        freg_person(
            DUBLETT,
            identifikasjonsnummer=[number_entry(DUBLETT, in_use=False)],
            status=[entry("2024-01-01", status="opphoert")],
        ),
    ),
    freg_line(3, freg_person(OLA, "1978-02-03", kjoenn=[entry(kjoenn="mann")], sivilstand=[_marriage(KARI)])),
    freg_line(
        4,
        freg_person(
            D_NUMBER,
            "1990-06-06",
            identifikasjonsnummer=[number_entry(D_NUMBER, d_number=True)],
            status=[entry("2020-01-01", status="midlertidig")],
            sivilstand=None,
            statsborgerskap=[entry(statsborgerskap="SWE")],
        ),
    ),
    freg_line(
        5,
        freg_person(
            SECRET,
            "1985-01-02",
            bostedsadresse=[residence("Skjult vei", "7", adresse_id="200000009", grade="fortrolig", dwelling="H0201")],
            adressebeskyttelse=[entry("2023-04-05", graderingsnivaa="fortrolig")],
        ),
    ),
    freg_line(
        6,
        freg_person(
            HOUSEMATE,
            "1986-03-04",
            bostedsadresse=[residence("Skjult vei", "7", adresse_id="200000009", dwelling="H0201")],
        ),
    ),
    freg_line(
        7,
        freg_person(
            NEIGHBOUR,
            "1987-04-05",
            bostedsadresse=[residence("Skjult vei", "7", adresse_id="200000009", dwelling="H0101")],
        ),
    ),
    freg_line(
        8,
        freg_person(
            STRICT,
            "1988-05-06",
            bostedsadresse=None,
            adressebeskyttelse=[entry("2022-02-02", graderingsnivaa="strengtFortrolig")],
            postadresse=[
                entry(
                    adressegradering="ugradert",
                    postboksadresse={
                        "postboks": "Postboks 7",
                        "poststed": {"poststedsnavn": "OSLO", "postnummer": "0101"},
                    },
                )
            ],
        ),
    ),
    freg_line(
        9,
        freg_person(
            STAYS,
            "1991-07-07",
            identifikasjonsnummer=[number_entry(STAYS, d_number=True)],
            status=[entry("2021-01-01", status="inaktiv")],
            oppholdsadresse=[
                entry(
                    "2021-01-01",
                    adressegradering="ugradert",
                    oppholdsadressedato="2021-02-03",
                    utenlandskAdresse={
                        "adressenavn": "Gatan 5",
                        "postkode": "11122",
                        "byEllerStedsnavn": "Stockholm",
                        "landkode": "SE",
                    },
                )
            ],
        ),
    ),
    freg_line(
        10,
        freg_person(
            NEW_NUMBER,
            "2024-04-05",
            kjoenn=[entry(kjoenn="mann")],
            # Not marked, with an end that has not come.
            status=[{"status": "bosatt", "opphoerstidspunkt": "2099-01-01T00:00:00+01:00"}],
            bostedsadresse=[entry("2024-04-05", ukjentBosted={"bostedskommune": "0301"}, adressegradering="ugradert")],
        ),
    ),
    freg_line(
        11,
        freg_person(
            LEFT,
            "1970-09-09",
            status=[entry("2019-08-07", status="utflyttet")],
            utflytting=[entry("2019-08-07", tilflyttingsland="DNK")],
            bostedsadresse=[residence(current=False, moved="2000-01-01")],
            fratattRettsligHandleevne=[{"erGjeldende": True, "gyldighetstidspunkt": "2018-01-01T00:00:00+01:00"}],
            rettsligHandleevne=[entry("2018-01-01", rettsligHandleevneomfang="begrenset")],
            oppholdPaaSvalbard=[entry("2016-01-01", startdato="2016-02-03", sluttdato="2017-04-05")],
            statsborgerskap=[entry("1970-09-09", statsborgerskap="DNK"), entry("1980-01-01", statsborgerskap="SWE")],
            stemmerett=[entry("2018-01-01")],
            # Sparse metadata: only the days of the weddings say which was the last.
            sivilstand=[
                {
                    "sivilstand": "gift",
                    "sivilstandsdato": "2015-01-01",
                    "relatertVedSivilstand": KARI,
                    "erGjeldende": False,
                },
                {
                    "sivilstand": "gift",
                    "sivilstandsdato": "2001-01-01",
                    "relatertVedSivilstand": OLA,
                    "erGjeldende": False,
                },
                {"sivilstand": "skilt", "sivilstandsdato": "2018-01-01", "erGjeldende": True},
            ],
        ),
    ),
    # Days of before: in the offset of today, before there was one time in the country, and of a summer of its own.
    freg_line(
        15,
        freg_person(
            ELDER,
            "1888-11-11",
            navn=[{**entry("1891-04-04", forkortetNavn="NORDMANN PEDER")}],
            status=[{**entry(status="bosatt"), "gyldighetstidspunkt": "1960-06-01T00:00:00.000+02:00"}],
            sivilstand=[{**entry(sivilstand="gift"), "gyldighetstidspunkt": "1943-07-01T00:00:00.000+02:00"}],
            bostedsadresse=[residence("Storgata", "1", adresse_id="200000077", kommune="3002", dwelling="H0203")],
            postadresse=[
                entry(
                    "2015-01-02",
                    adressegradering="ugradert",
                    postboksadresse={
                        "postbokseier": "Peder Nordmann og hustru, Storgården",
                        "postboks": "Postboks 5",
                        "poststed": {"postnummer": "0185", "poststedsnavn": "Oslo"},
                    },
                )
            ],
        ),
    ),
    # Everything but the numbers is optional in Freg's schema, status too.
    freg_line(
        12,
        {
            "identifikasjonsnummer": [number_entry(FARMER)],
            "bostedsadresse": [
                {
                    "matrikkeladresse": {
                        "matrikkelnummer": {
                            "kommunenummer": "3401",
                            "gaardsnummer": 12,
                            "bruksnummer": 34,
                            "festenummer": 0,
                        },
                        "poststed": {"poststedsnavn": "KONGSVINGER", "postnummer": "2211"},
                    }
                }
            ],
        },
    ),
]

CHANGES = [
    # The D-number holder settles under a foedselsnummer.
    freg_line(
        21,
        freg_person(
            SETTLED,
            "1990-06-06",
            identifikasjonsnummer=[
                number_entry(D_NUMBER, in_use=False, d_number=True, valid_from="2020-01-01"),
                number_entry(SETTLED, valid_from="2026-01-02"),
            ],
            status=[
                entry("2020-01-01", current=False, status="midlertidig"),
                entry("2026-01-02", status="bosatt"),
            ],
            statsborgerskap=[entry(statsborgerskap="SWE"), entry("2026-01-02", statsborgerskap="NOR")],
            innflytting=[entry("2020-01-01", fraflyttingsland="SWE")],
            bostedsadresse=[residence("Storgata", "1", letter=None, moved="2026-01-02")],
        ),
        "personErBosatt",
    ),
    # A child is born; an older document of the mother comes late and changes nothing.
    freg_line(
        22,
        freg_person(
            BABY,
            "2025-12-01",
            status=[entry("2025-12-01", status="foedselsregistrert")],
            familierelasjon=[_relation(KARI, "mor", "barn"), _relation(OLA, "far", "barn")],
            foreldreansvar=[
                entry("2025-12-01", ansvar="felles", ansvarlig=KARI),
                entry("2025-12-01", ansvar="felles", ansvarlig=OLA),
            ],
            bostedsadresse=[residence(letter="A", moved="2025-12-01")],
        ),
        "personErOpprettet",
    ),
    freg_line(
        23,
        freg_person(
            OLA,
            "1978-02-03",
            kjoenn=[entry(kjoenn="mann")],
            status=[entry("2026-01-02", status="doed")],
            doedsfall=entry("2026-01-02", doedsdato="2026-01-01"),
            sivilstand=[_marriage(KARI)],
        ),
        "personErDoed",
    ),
    "not a document at all",
]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("handwritten")
    landing = folder / "landing"
    deliver_documents(landing, "freg", "2026-full", FULL, sequence_to=15)
    deliver_documents(
        landing,
        "freg",
        "2026-change",
        CHANGES,
        kind="change",
        sequence_from=21,
        sequence_to=24,
        name="persons-0001.ndjson.gz",
        created_at="2026-01-03T03:00:00Z",
    )
    deliver(
        landing,
        "matrikkel",
        "2026-matrikkel",
        {
            "matrikkelenAdresse.csv": matrikkel_csv(
                STORGATA_1, {**STORGATA_1, "lokalId": "200000009", "adressenavn": "Skjult vei"}, MOSS
            ),
            "grunnkrets_bydel.csv": GRUNNKRETS_BYDEL,
        },
        sequence_from=None,
        sequence_to=None,
    )
    deliver_documents(
        landing,
        "persontjenesten",
        "2026-pt",
        [
            persontjenesten_person(
                "p-left", LEFT, "1970-09-09", name=[{"isValid": True, "givenName": "KARI", "familyName": "Svensen"}]
            ),
            persontjenesten_person(
                "p-secret",
                SECRET,
                "1985-01-02",
                residentialAddress=[
                    {
                        "isValid": True,
                        "addressConfidentiality": "Confidential",
                        "streetAddress": {"municipalityNumber": "0301", "addressName": "Skjult vei"},
                    }
                ],
            ),
        ],
        created_at="2026-01-03T04:00:00Z",
    )
    # The kommune of one address has a new number; the register's own tables give its skolekrets.
    deliver(
        landing,
        "matrikkel",
        "2026-renumbered",
        {
            "matrikkelenAdresse.csv": matrikkel_csv(
                {**MOSS, "kommunenummer": "3103", "kommunenavn": "MOSS", "grunnkretsnummer": "31030101"}
            ),
            "adresse.csv": b"adresse_id;nummer\n200000077;1\n",
            "krets.csv": b"krets_id;kretstype;kretsnummer\n5;skolekrets;0021\n",
            "adresse_krets.csv": b"adresse_id;krets_id\n200000077;5\n",
        },
        kind="change",
        sequence_from=None,
        sequence_to=None,
        extracted_at="2026-01-03",
    )
    result = forked_preg_run(landing, folder / "data")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 of 4 records do not fit and are in quarantine" in result.stdout
    assert "$.folkeregisterperson.stemmerett (1)" in result.stdout
    return duckdb.connect(str(folder / "data" / "releases" / "current" / "preg.duckdb"), read_only=True)


def row(release: duckdb.DuckDBPyConnection, table: str, where: str) -> dict[str, Any]:
    cursor = release.execute(f"select * from {table} where {where}")
    names = [column[0] for column in cursor.description]
    (found,) = cursor.fetchall()
    return {
        name: value if value is None else str(value)
        for name, value in zip(names, found, strict=True)
        if value is not None
    }


def has(found: dict[str, Any], **expected: str | None) -> None:
    assert {name: found.get(name) for name in expected} == expected


def test_a_person_is_there_once_by_the_present_number(release: duckdb.DuckDBPyConnection) -> None:
    numbers = {nin for (nin,) in release.execute("select nin from preg_person").fetchall()}
    expected = {KARI, OLA, BABY, SETTLED, SECRET, HOUSEMATE, NEIGHBOUR, STRICT, STAYS, NEW_NUMBER, LEFT, FARMER, ELDER}
    assert numbers == expected


def test_every_number_leads_to_its_person(release: duckdb.DuckDBPyConnection) -> None:
    leads = dict(release.execute("select number, nin from person_number where number <> nin").fetchall())
    assert leads == {D_NUMBER: SETTLED, DUBLETT: KARI}
    has(row(release, "person_number", f"number = '{D_NUMBER}'"), kind="dNummer", status="opphoert")


def test_a_married_resident(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_person", f"nin = '{KARI}'"),
        old_nin=DUBLETT,
        given_name="Kari",
        middle_name="Dal",
        sn="Nordmann",
        maiden_name="Dal",
        date_when_name_registered="2005-06-07",
        date_of_birth="1980-05-17",
        reg_status="1",
        date_status="1980-05-17",
        marital_status="2",
        date_marital_status="2005-06-07",
        spouse_nin=OLA,
        citizenship="000",
        citizenship_code=None,
        gender="0",
    )


def test_the_dead(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_person", f"nin = '{OLA}'"),
        reg_status="5",
        date_status="2026-01-01",
        gender="1",
        spouse_nin=KARI,
    )


def test_a_child_with_both_parents(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_person", f"nin = '{BABY}'"),
        mothers_nin=KARI,
        fathers_nin=OLA,
        custody="D",
        date_custody="2025-12-01",
        parental_responsibility=None,
        reg_status="7",
    )


def test_a_d_number_holder_who_settled(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_person", f"nin = '{SETTLED}'"),
        old_nin=D_NUMBER,
        reg_status="1",
        date_status="2026-01-02",
        citizenship="000",
        date_citizenship="2026-01-02",
        status_country_code="106",
        marital_status="1",
    )


def test_an_emigrant_deprived_of_legal_capacity(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_person", f"nin = '{LEFT}'"),
        reg_status="3",
        date_status="2019-08-07",
        status_country_code="101",
        without_legal_capacity="J",
        date_without_legal_capacity="2018-01-01",
    )
    assert row(release, "preg_address", f"nin = '{LEFT}'")["current_address"] == "False"


def test_the_spouse_is_kept_after_divorce_and_is_the_last_one(release: duckdb.DuckDBPyConnection) -> None:
    has(row(release, "preg_person", f"nin = '{LEFT}'"), marital_status="4", spouse_nin=KARI)


def test_an_end_that_has_not_come_is_none(release: duckdb.DuckDBPyConnection) -> None:
    has(row(release, "preg_person", f"nin = '{NEW_NUMBER}'"), reg_status="1")


def test_what_preg_could_not_show_is_in_a_table_of_ours(release: duckdb.DuckDBPyConnection) -> None:
    has(row(release, "preg_person", f"nin = '{LEFT}'"), citizenship="106")
    has(
        row(release, "freg_person_detail", f"nin = '{LEFT}'"),
        freg_status="utflyttet",
        citizenship_country="SWE",
        citizenship_name="Sverige",
        citizenships="DNK SWE",
        legal_capacity_scope="begrenset",
        legal_capacity_scope_from="2018-01-01",
        svalbard_from="2016-02-03",
        svalbard_to="2017-04-05",
    )


def test_a_retired_number_keeps_a_row_that_leads_to_the_new_one(release: duckdb.DuckDBPyConnection) -> None:
    has(row(release, "preg_person_retired", f"nin = '{D_NUMBER}'"), new_nin=SETTLED, reg_status="6", kind="dNummer")
    has(row(release, "preg_person_retired", f"nin = '{DUBLETT}'"), new_nin=KARI, reg_status="6")


def test_a_person_of_whom_hardly_anything_is_known(release: duckdb.DuckDBPyConnection) -> None:
    assert row(release, "preg_person", f"nin = '{FARMER}'") == {
        "nin": FARMER,
        "marital_status": "0",
        "gender": "0",
    }
    has(
        row(release, "preg_address", f"nin = '{FARMER}'"),
        current_address="True",
        municipality="KONGSVINGER",
        cadastral_number="12",
        property_number="34",
        postal_address=None,
        postal_code="2211",
        postal_place="KONGSVINGER",
    )


def test_an_address_keeps_its_identity_when_the_kommune_gets_another_number(
    release: duckdb.DuckDBPyConnection,
) -> None:
    has(
        row(release, "preg_address", f"nin = '{ELDER}'"),
        st="3002",
        present_st="3103",
        grunnkrets_number="31030101",
        enrichment_method="adresse_id",
        school_district="0021",
    )


def test_days_of_before_are_the_days_that_were_written(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_person", f"nin = '{ELDER}'"),
        date_when_name_registered="1891-04-04",
        date_status="1960-06-01",
        date_marital_status="1943-07-01",
    )


def test_a_shortened_name_and_the_number_of_a_dwelling(release: duckdb.DuckDBPyConnection) -> None:
    elder = row(release, "preg_person", f"nin = '{ELDER}'")
    assert (elder["sn"], elder.get("given_name")) == ("NORDMANN PEDER", None)
    has(row(release, "preg_address", f"nin = '{ELDER}'"), postal_address="Storgata 1", apartment_number="H0203")


def test_the_lines_are_those_of_a_separate_postal_address(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_address", f"nin = '{ELDER}'"),
        address_line1="Peder Nordmann og hustru, Stor",
        address_line2="Postboks 5",
        address_line3="0185 OSLO",
        postal_address_valid_from="2015-01-02",
        postal_code="0184",
        postal_place="OSLO",
    )


def test_gender_and_birth_come_from_their_elements(release: duckdb.DuckDBPyConnection) -> None:
    """A number of the new kind: it reads 2033 and a woman, the document says 2024 and a man."""
    has(row(release, "preg_person", f"nin = '{NEW_NUMBER}'"), date_of_birth="2024-04-05", gender="1")


def test_an_address_with_everything_from_matrikkelen(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_address", f"nin = '{KARI}' and current_address"),
        date_adr_from="2010-03-04",
        postal_type="0",
        st="0301",
        municipality="OSLO",
        street_name="Storgata",
        street_number="12345",
        house_number="1",
        house_letter="A",
        apartment_number="H0101",
        address_line1=None,
        postal_address="Storgata 1A",
        postal_address_valid_from=None,
        postal_code="0184",
        postal_place="OSLO",
        country="Norge",
        basic_statistical_unit="105",
        grunnkrets_number="03010105",
        grunnkrets_name="Sentrum 1",
        district_code="030101",
        district_name="Gamle Oslo",
        x_coord="262871.25",
        y_coord="6649321.50",
        constituency="0012",
        enrichment_method="adresse_id",
    )


def test_a_former_address_with_fregs_own_grunnkrets(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_address", f"nin = '{KARI}' and not current_address"),
        date_adr_from="2001-01-01",
        street_name="Gamleveien",
        house_number="9",
        grunnkrets_number="03010105",
        district_code="030101",
        enrichment_method="freg_grunnkrets",
    )


def test_an_address_abroad(release: duckdb.DuckDBPyConnection) -> None:
    has(
        row(release, "preg_address", f"nin = '{STAYS}'"),
        date_adr_from="2021-02-03",
        address_line1=None,
        postal_address="Gatan 5",
        postal_code="11122",
        postal_place="STOCKHOLM",
        country="Sverige",
        enrichment_method="none",
        basic_statistical_unit=None,
    )


def test_no_fixed_abode(release: duckdb.DuckDBPyConnection) -> None:
    has(row(release, "preg_address", f"nin = '{NEW_NUMBER}'"), postal_type="5", st="0301", street_name=None)


@pytest.mark.parametrize(("person", "kind", "since"), [(SECRET, "7", "2023-04-05"), (STRICT, "6", "2022-02-02")])
def test_a_protected_address_says_only_that_it_is_one(
    release: duckdb.DuckDBPyConnection, person: str, kind: str, since: str
) -> None:
    assert row(release, "preg_address", f"nin = '{person}'") == {
        "nin": person,
        "current_address": "True",
        "postal_type": kind,
        "date_postal_type": since,
        "enrichment_method": "hidden",
    }


def test_who_shares_a_protected_dwelling_does_not_give_it_away(release: duckdb.DuckDBPyConnection) -> None:
    assert row(release, "preg_address", f"nin = '{HOUSEMATE}'") == {
        "nin": HOUSEMATE,
        "current_address": "True",
        "postal_type": "0",
        "address_type": "bostedsadresse",
        "enrichment_method": "hidden",
    }


def test_another_dwelling_of_the_house_is_nobodys_secret(release: duckdb.DuckDBPyConnection) -> None:
    has(row(release, "preg_address", f"nin = '{NEIGHBOUR}'"), street_name="Skjult vei", apartment_number="H0101")


def test_the_comparison_explains_and_hides(release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute(
        "select field, left_value, right_value, difference_kind from field_comparison_differences"
        f" where nin = '{LEFT}' and entity = 'Person' and field in ('given_name', 'sn', 'reg_status')"
    ).fetchall()
    assert sorted(found) == [
        ("reg_status", "3", "1", "unexplained"),
        ("sn", "Nordmann", "Svensen", "unexplained"),
    ]
    protected = release.execute(
        "select distinct difference_kind, left_value, right_value from field_comparison_differences"
        f" where nin = '{SECRET}' and entity = 'Address' and field <> 'postal_type'"
    ).fetchall()
    assert protected == [("protection", None, None)]
    missing = release.execute(
        "select count(*) from field_comparison_differences where field = 'nin' and difference_kind = 'only_left'"
    ).fetchall()
    assert missing == [(11,)]


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A release of Freg's documents alone, without the household rule."""
    folder = tmp_path_factory.mktemp("lenient")
    deliver_documents(folder / "landing", "freg", "full", FULL, sequence_to=15)
    result = forked_preg_run(folder / "landing", folder / "data", PREG_HOUSEHOLD_PROTECTION="none")
    assert result.returncode == 0, result.stdout + result.stderr
    return duckdb.connect(str(folder / "data" / "releases" / "current" / "preg.duckdb"), read_only=True)


@pytest.mark.slow
def test_the_household_rule_can_be_turned_off(lenient: duckdb.DuckDBPyConnection) -> None:
    has(row(lenient, "preg_address", f"nin = '{HOUSEMATE}'"), street_name="Skjult vei", apartment_number="H0201")
    has(row(lenient, "preg_address", f"nin = '{SECRET}'"), street_name=None, postal_type="7")


@pytest.mark.slow
def test_persons_without_persontjenesten_are_not_compared(lenient: duckdb.DuckDBPyConnection) -> None:
    assert lenient.execute("select count(*) > 1 from preg_person").fetchall() == [(True,)]
    assert lenient.execute("select count(*) from field_comparison_differences").fetchall() == [(0,)]
    assert lenient.execute("select sum(compared) from field_comparison_summary").fetchall() == [(0,)]
