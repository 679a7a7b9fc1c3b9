"""What is planted in the Persontjenesten delivery: differences of every kind, and what only looks like one.

Each is planted on a few persons who have nothing else special about them (`discrepancies.plant`). SQL here is over `p`
(the row of `person`), `home` (the body of the present residence of those who live at a street address and stay nowhere
else) and `body` (of a current entry of the element).
"""

from __future__ import annotations

from ingest.synthetic.discrepancies import Discrepancy

_LIVES_AT_AN_ADDRESS = "home is not null"

# The lines of the postal address are then the street line, and nothing else.
_PLAIN_ADDRESS = (
    "home is not null and not contains(home, '\"coAddressName\"') and not contains(home, '\"addressAdditionalName\"')"
    " and not has_postal_address"
)

# Kommuner that have only changed their number, in 2024: today's and the one before.
_RENUMBERED = {
    "3201": "3024",
    "3203": "3025",
    "3205": "3030",
    "3107": "3004",
    "3105": "3003",
    "3103": "3002",
    "3301": "3005",
    "3303": "3006",
    "3305": "3007",
    "3207": "3020",
    "5501": "5401",
    "5503": "5402",
}


def _without(member: str) -> str:
    return f"ltrim(regexp_replace(body, ',?\"{member}\":(\"[^\"]*\"|[0-9]+)', ''), ',')"


def _with(member: str, value: str) -> str:
    return f'regexp_replace(body, \'"{member}":("[^"]*"|[0-9]+)\', \'"{member}":"\' || {value} || \'"\')'


def _replaced(old: str, new: str) -> str:
    return f"replace(body, '{old}', '{new}')"


def _day(day: str) -> str:
    return f"cast(cast({day} as date) as varchar) || 'T00:00:00'"


def _own_day(member: str, days: int) -> str:
    """The day that a member of the body has, moved by some days."""
    return _day(f'cast(regexp_extract(body, \'"{member}":"([0-9-]{{10}})\', 1) as date) + {days}')


def _role(role: str, changed: str) -> str:
    return f'case when contains(body, \'"relatedPersonsRole":"{role}"\') then {changed} else body end'


def _person(*fields: str) -> tuple[tuple[str, str], ...]:
    return tuple(("Person", field) for field in fields)


def _address(*fields: str) -> tuple[tuple[str, str], ...]:
    return tuple(("Address", field) for field in fields)


_NAMES = (
    Discrepancy(
        "a middle name is missing",
        "only_left",
        _person("middle_name"),
        "p.mellomnavn is not null",
        (("name", _without("middleName")),),
    ),
    Discrepancy(
        "a middle name is added",
        "only_right",
        _person("middle_name"),
        "p.mellomnavn is null",
        (("name", 'body || \',"middleName":"Tillegg"\''),),
    ),
    Discrepancy(
        "a name has lost its Norwegian letters",
        "format",
        _person("given_name"),
        "regexp_matches(p.fornavn, '[æøåÆØÅ]')",
        (("name", _with("givenName", "strip_accents(replace(replace(p.fornavn, 'ø', 'o'), 'Ø', 'O'))")),),
    ),
    Discrepancy(
        "a name has lost its hyphen",
        "format",
        _person("given_name"),
        "contains(p.fornavn, '-')",
        (("name", _with("givenName", "replace(p.fornavn, '-', ' ')")),),
    ),
    Discrepancy(
        "another family name",
        "unexplained",
        _person("sn"),
        "true",
        (("name", _with("familyName", "'Avviksen'")),),
    ),
    Discrepancy(
        "given name and family name exchanged",
        "unexplained",
        _person("given_name", "sn"),
        "p.fornavn <> p.etternavn",
        (
            ("name", _with("givenName", "p.etternavn")),
            ("name", _with("familyName", "p.fornavn")),
        ),
    ),
    # The whole name is the same; the parts are not.
    Discrepancy(
        "a given name that has swallowed the middle name",
        "unexplained",
        _person("given_name"),
        "p.mellomnavn is not null",
        (("name", _with("givenName", "p.fornavn || ' ' || p.mellomnavn")),),
    ),
    Discrepancy(
        "a name registered a year later",
        "unexplained",
        (("Store", "date_when_name_registered"),),
        "true",
        moves=(("name", 365),),
    ),
    Discrepancy(
        "a name changed after Freg was read",
        "timing",
        _person("sn"),
        "true",
        (("name", _with("familyName", "'Nettopp'")),),
        registered_late=True,
    ),
    Discrepancy(
        "the name in capitals: no difference", "", (), "true", (("name", _with("givenName", "upper(p.fornavn)")),)
    ),
    Discrepancy(
        "spaces around the name: no difference",
        "",
        (),
        "true",
        (("name", _with("familyName", "'  ' || p.etternavn || ' '")),),
    ),
    Discrepancy(
        "an accent in the name: no difference",
        "",
        (),
        "contains(p.fornavn, 'e')",
        (("name", _with("givenName", "replace(p.fornavn, 'e', 'é')")),),
    ),
    Discrepancy(
        "the letter å in two characters: no difference",
        "",
        (),
        "contains(lower(p.fornavn), 'å')",
        (("name", _with("givenName", "replace(replace(p.fornavn, 'å', 'a' || chr(778)), 'Å', 'A' || chr(778))")),),
    ),
)

_LIVES = (
    Discrepancy(
        "born a day later",
        "unexplained",
        _person("date_of_birth"),
        "true",
        (("birth", _with("birthDate", _day("p.birth_date + 1"))),),
    ),
    Discrepancy(
        "no day of birth",
        "only_left",
        _person("date_of_birth"),
        "not p.is_born_abroad",
        (("birth", _without("birthDate")),),
    ),
    Discrepancy(
        "born at midnight with a zone: no difference",
        "",
        (),
        "true",
        (("birth", _with("birthDate", "cast(cast(p.birth_date as date) as varchar) || 'T00:00:00+01:00'")),),
    ),
    Discrepancy(
        "another gender",
        "unexplained",
        (("Store", "gender"),),
        "true",
        (("gender", _with("gender", "case p.gender when 'kvinne' then 'Male' else 'Female' end")),),
    ),
    Discrepancy(
        "a gender that no code list knows",
        "code_list",
        (("Store", "gender"),),
        "true",
        (("gender", _with("gender", "'Unspecified'")),),
    ),
    Discrepancy(
        "missing according to Persontjenesten",
        "unexplained",
        _person("reg_status"),
        "true",
        (("status", _with("status", "'Disappeared'")),),
    ),
    Discrepancy(
        "a status that no code list knows",
        "code_list",
        _person("reg_status"),
        "true",
        (("status", _with("status", "'Wandering'")),),
    ),
    Discrepancy("a status since another day", "unexplained", _person("date_status"), "true", moves=(("status", 1),)),
    Discrepancy(
        "another country moved from",
        "unexplained",
        _person("status_country_code"),
        "p.is_immigrant and p.origin_country <> 'USA'",
        (("immigrationToNorway", _with("immigratedFromCountry", "'USA'")),),
    ),
    Discrepancy(
        "another citizenship",
        "unexplained",
        _person("citizenship"),
        "p.citizenship = 'NOR' and not p.has_second_citizenship",
        (("citizenship", _with("countryCode", "'SWE'")),),
    ),
    Discrepancy(
        "a citizenship that no code list knows",
        "code_list",
        _person("citizenship"),
        "p.citizenship = 'NOR' and not p.has_second_citizenship",
        (("citizenship", _with("countryCode", "'QQQ'")),),
    ),
    Discrepancy(
        "citizenship acquired a year later",
        "unexplained",
        _person("date_citizenship"),
        "p.citizenship = 'NOR' and not p.has_second_citizenship",
        (("citizenship", _with("aquiredDate", _own_day("aquiredDate", 365))),),
    ),
    Discrepancy(
        "no citizenship",
        "only_left",
        _person("citizenship"),
        "p.citizenship = 'NOR' and not p.has_second_citizenship",
        (("citizenship", "null"),),
        derived=_person("date_citizenship"),
    ),
    Discrepancy(
        "a residence permit that no code list knows",
        "code_list",
        _person("work_permit"),
        # The code that PREG would have for a temporary permit is not known.
        "has_permit and u(p.person_id, 'permit') not between 0.5 and 0.97",
        (("residencePermit", _with("residencePermitType", "'Seasonal'")),),
    ),
    Discrepancy(
        "a residence permit from another day",
        "unexplained",
        _person("date_work_permit"),
        "has_permit",
        (("residencePermit", _with("stayFrom", _own_day("stayFrom", 1))),),
    ),
    Discrepancy(
        "another number of the immigration authorities",
        "unexplained",
        _person("duf_no"),
        "has_duf_number",
        (("immigrationAuthoritiesIdentificationNumber", _with("identificationNumber", "'209900000000'")),),
    ),
    Discrepancy(
        "deprived of legal capacity according to Persontjenesten",
        "only_right",
        _person("without_legal_capacity"),
        "true",
        derived=_person("date_without_legal_capacity"),
        inserts="deprivedLegalAuthority",
    ),
)

_FAMILIES = (
    Discrepancy(
        "a civil status that no code list knows",
        "code_list",
        _person("marital_status"),
        "p.sivilstand is not null",
        (("maritalStatus", _with("status", "'Cohabitant'")),),
    ),
    Discrepancy(
        "another civil status",
        "unexplained",
        _person("marital_status"),
        "p.sivilstand = 'gift'",
        (("maritalStatus", _with("status", "'Divorced'")),),
    ),
    Discrepancy(
        "married a day earlier",
        "unexplained",
        _person("date_marital_status"),
        "p.sivilstand = 'gift'",
        (("maritalStatus", _with("statusDate", _own_day("statusDate", -1))),),
    ),
    Discrepancy(
        "no spouse",
        "only_left",
        _person("spouse_nin"),
        "p.sivilstand = 'gift' and p.spouse_nin is not null",
        (
            ("maritalStatus", _without("relatedByMaritalStatus")),
            ("familyRelation", _role("SpouseOrPartner", "null")),
        ),
    ),
    Discrepancy(
        "no mother",
        "only_left",
        _person("mothers_nin"),
        "p.mother_nin is not null",
        (("familyRelation", _role("Mother", "null")),),
    ),
    Discrepancy(
        "the mother's number as the father's",
        "unexplained",
        _person("fathers_nin"),
        "p.father_nin is not null and p.mother_nin is not null",
        (("familyRelation", _role("Father", "replace(body, p.father_nin, p.mother_nin)")),),
    ),
    Discrepancy(
        "the mother's former number: no difference",
        "",
        (),
        "p.mother_id in (select person_id from person where former_nin is not null)",
        (
            (
                "familyRelation",
                _role(
                    "Mother",
                    "replace(body, p.mother_nin,"
                    " (select mother.former_nin from person as mother where mother.person_id = p.mother_id))",
                ),
            ),
        ),
    ),
    Discrepancy(
        "the relations in another order: no difference",
        "",
        (),
        "p.mother_nin is not null and p.father_nin is not null",
        reverses="familyRelation",
    ),
    Discrepancy(
        "others responsible for a child",
        "unexplained",
        _person("custody"),
        "p.mother_nin is not null",
        (("parentalResponsibility", _with("responsibilityType", "'Other'")),),
        of_children=True,
    ),
    Discrepancy(
        "a responsibility that no code list knows",
        "code_list",
        _person("custody"),
        "p.mother_nin is not null",
        (("parentalResponsibility", _with("responsibilityType", "'Guardian'")),),
        of_children=True,
    ),
    Discrepancy(
        "responsible since another day",
        "unexplained",
        _person("date_custody"),
        "p.mother_nin is not null",
        moves=(("parentalResponsibility", 1),),
        of_children=True,
    ),
    Discrepancy(
        "the former number given as the one in use",
        "identity",
        _person("nin", "old_nin"),
        "p.former_nin is not null and p.dublett_nin is null and p.settled_nin is null",
        (
            (
                "norwegianIdentificationNumber",
                "case when contains(body, p.nin) then replace(body, 'InUse', 'Discontinued')"
                " else replace(body, 'Discontinued', 'InUse') end",
            ),
        ),
    ),
    Discrepancy("a person is missing", "only_left", _person("nin"), "true", removes=True),
    Discrepancy("a person whom Freg does not know", "only_right", _person("nin"), "true", adds=True),
)

_ADDRESSES = (
    Discrepancy(
        "another grunnkrets",
        "enrichment",
        _address("basic_statistical_unit"),
        _LIVES_AT_AN_ADDRESS,
        (
            (
                "residentialAddress",
                "regexp_replace(regexp_replace(body, '\"basicStatisticalUnit\":\\d+', '\"basicStatisticalUnit\":9999'),"
                ' \'"fullBasicStatisticalUnitNumber":"(\\d{4})\\d{4}"\','
                ' \'"fullBasicStatisticalUnitNumber":"\\19999"\')',
            ),
        ),
    ),
    Discrepancy(
        "no grunnkrets",
        "only_left",
        _address("basic_statistical_unit"),
        _LIVES_AT_AN_ADDRESS,
        (
            ("residentialAddress", _without("basicStatisticalUnit")),
            ("residentialAddress", _without("fullBasicStatisticalUnitNumber")),
        ),
    ),
    Discrepancy(
        "the grunnkrets in eight digits only: no difference",
        "",
        (),
        _LIVES_AT_AN_ADDRESS,
        (("residentialAddress", _without("basicStatisticalUnit")),),
    ),
    Discrepancy(
        "the bydel that serves instead of the one it lies in",
        "meaning",
        _address("district_code"),
        'regexp_matches(home, \'"geographicalUrbanDistrictCode":"03011[67]"\')',
        (
            (
                "residentialAddress",
                "regexp_replace(regexp_replace(body,"
                ' \'"geographicalUrbanDistrictCode":"[^"]*"\', \'"geographicalUrbanDistrictCode":"\''
                ' || regexp_extract(body, \'"urbanDistrictCode":"([^"]*)"\', 1) || \'"\'),'
                ' \'"geographicalUrbanDistrictName":"[^"]*"\', \'"geographicalUrbanDistrictName":"\''
                ' || regexp_extract(body, \'"urbanDistrictName":"([^"]*)"\', 1) || \'"\')',
            ),
        ),
        derived=_address("district_name"),
    ),
    Discrepancy(
        "another bydel",
        "enrichment",
        _address("district_code"),
        "contains(home, '\"geographicalUrbanDistrictCode\"')",
        (
            ("residentialAddress", _with("geographicalUrbanDistrictCode", "'030198'")),
            ("residentialAddress", _with("geographicalUrbanDistrictName", "'Avvik'")),
        ),
        derived=_address("district_name"),
    ),
    Discrepancy(
        "no bydel",
        "only_left",
        _address("district_code"),
        "contains(home, '\"geographicalUrbanDistrictCode\"')",
        (
            ("residentialAddress", _without("geographicalUrbanDistrictCode")),
            ("residentialAddress", _without("geographicalUrbanDistrictName")),
        ),
        derived=_address("district_name"),
    ),
    Discrepancy(
        "a postal code without its leading zero",
        "format",
        _address("postal_code"),
        'contains(home, \'"postalCode":"0\') and not has_postal_address',
        (("residentialAddress", _replaced('"postalCode":"0', '"postalCode":"')),),
    ),
    Discrepancy(
        "another post town",
        "unexplained",
        _address("postal_place"),
        _PLAIN_ADDRESS,
        (("residentialAddress", _with("cityName", "'AVVIKSTAD'")),),
    ),
    Discrepancy(
        "another street",
        "unexplained",
        _address("street_name"),
        _PLAIN_ADDRESS,
        (("residentialAddress", _with("addressName", "'Avviksveien'")),),
        derived=_address("postal_address"),
    ),
    Discrepancy(
        "another street code",
        "unexplained",
        _address("street_number"),
        _LIVES_AT_AN_ADDRESS,
        (("residentialAddress", _with("addressCode", "'99998'")),),
    ),
    Discrepancy(
        "another house number",
        "unexplained",
        _address("house_number"),
        _PLAIN_ADDRESS,
        (("residentialAddress", _with("houseNumber", "'998'")),),
        derived=_address("postal_address"),
    ),
    # The address before the last move, still given as the present one: all that the street says is another.
    Discrepancy(
        "the wrong present address",
        "unexplained",
        _address("street_name"),
        _PLAIN_ADDRESS,
        (
            ("residentialAddress", _with("addressName", "'Fraflyttet vei'")),
            ("residentialAddress", _with("addressCode", "'99997'")),
            ("residentialAddress", _with("houseNumber", "'997'")),
        ),
        derived=_address("street_number", "house_number", "postal_address"),
    ),
    Discrepancy(
        "a house letter is missing",
        "only_left",
        _address("house_letter"),
        f"{_LIVES_AT_AN_ADDRESS} and has_postal_address and contains(home, '\"houseLetter\"')",
        (("residentialAddress", _without("houseLetter")),),
        derived=_address("postal_address"),
    ),
    Discrepancy(
        "no dwelling number",
        "only_left",
        _address("apartment_number"),
        'contains(home, \'"separatelyOccupiedUnitNumber":"H0101"\')',
        (("residentialAddress", _without("separatelyOccupiedUnitNumber")),),
    ),
    Discrepancy(
        "a person to whom the post goes, on one side only",
        "only_right",
        _address("co_address"),
        f"{_LIVES_AT_AN_ADDRESS} and has_postal_address and not contains(home, '\"coAddressName\"')",
        (("residentialAddress", _replaced('"streetAddress":{', '"streetAddress":{"coAddressName":"c/o Avvik",')),),
    ),
    Discrepancy(
        "the kommune by its number of before 2024",
        "code_list",
        _address("st"),
        f'regexp_extract(home, \'"municipalityNumber":"([0-9]+)"\', 1) in {tuple(_RENUMBERED)}',
        tuple(
            ("residentialAddress", _replaced(f'"municipalityNumber":"{now}"', f'"municipalityNumber":"{before}"'))
            for now, before in _RENUMBERED.items()
        ),
    ),
    Discrepancy(
        "another kommune's number",
        "unexplained",
        _address("st"),
        f'{_LIVES_AT_AN_ADDRESS} and not contains(home, \'"municipalityNumber":"1103"\')',
        (("residentialAddress", _with("municipalityNumber", "'1103'")),),
    ),
    Discrepancy(
        "another kommune's name",
        "unexplained",
        _address("municipality"),
        _LIVES_AT_AN_ADDRESS,
        (("residentialAddress", _with("municipalityName", "'Avvikskommunen'")),),
    ),
    Discrepancy(
        "moved in a day later",
        "unexplained",
        _address("date_adr_from"),
        _PLAIN_ADDRESS,
        (("residentialAddress", _with("moveDate", _own_day("moveDate", 1))),),
    ),
    Discrepancy(
        "another valgkrets",
        "unexplained",
        _address("constituency"),
        _LIVES_AT_AN_ADDRESS,
        (("residentialAddress", "regexp_replace(body, '\"constituency\":\\d+', '\"constituency\":9998')"),),
    ),
    Discrepancy(
        "no skolekrets",
        "only_left",
        _address("school_district"),
        _LIVES_AT_AN_ADDRESS,
        (("residentialAddress", _without("schoolDistrict")),),
    ),
    Discrepancy(
        "said to be protected",
        "protection",
        _address("postal_type"),
        _LIVES_AT_AN_ADDRESS,
        (("residentialAddress", _replaced('"Unclassified"', '"Confidential"')),),
    ),
    Discrepancy(
        "said to be away for the army",
        "unexplained",
        _address("postal_type"),
        _LIVES_AT_AN_ADDRESS,
        inserts="presentAddress",
        inserted_body='\'"stayElsewhere":"Military"\'',
    ),
    Discrepancy(
        "the street name in capitals: no difference",
        "",
        (),
        _LIVES_AT_AN_ADDRESS,
        (
            (
                "residentialAddress",
                'regexp_replace(body, \'"addressName":"[^"]*"\', \'"addressName":"\''
                ' || upper(regexp_extract(body, \'"addressName":"([^"]*)"\', 1)) || \'"\')',
            ),
        ),
    ),
    Discrepancy(
        "a comma in the street name: no difference of the lines",
        "format",
        _address("street_name"),
        _PLAIN_ADDRESS,
        (("residentialAddress", 'replace(body, \'"addressName":"\', \'"addressName":",\')'),),
    ),
)

DISCREPANCIES: tuple[Discrepancy, ...] = (*_NAMES, *_LIVES, *_FAMILIES, *_ADDRESSES)
