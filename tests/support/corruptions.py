"""Corruptions of a good candidate: each is something that has gone wrong somewhere, and that no release may show.

Statements are DuckDB's SQL on the candidate's database. Each corruption is compared with the gate by
`tests/system/test_corruptions.py`, which asks that a check other than the ones that compare the candidate with the
warehouse finds it: those would find anything, and would not find it had it come with the deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass

# One person in twenty, the same ones every time.
_SOME = "(hash(nin) % 20 = 0)"
_COUNTY = "nin in (select nin from preg_address where current_address and left(st, 2) = '03')"
_PROTECTED = "(select min(nin) from preg_address where postal_type in (6, 7))"
_STRANGER = "(select max(nin) from preg_person where reg_status = 1)"
_ANY_ADDRESS = "(select max(nin) from preg_address where street_name is not null and current_address)"


@dataclass(frozen=True)
class Corruption:
    """What goes wrong, and the statements that make it so; `{secret}` and `{street}` are a protected address."""

    name: str
    statements: tuple[str, ...]


def _of(name: str, *statements: str) -> Corruption:
    return Corruption(name, statements)


def _leak(where: str, statement: str) -> Corruption:
    return Corruption(f"a protected address leaks into {where}", (statement,))


CORRUPTIONS: tuple[Corruption, ...] = (
    # Rows that are missing or too many.
    _of("no person is left", "delete from preg_person"),
    _of("no address is left", "delete from preg_address"),
    _of(
        "one person in twenty is gone, as if never delivered",
        *(f"delete from {table} where {_SOME}" for table in ("preg_person", "preg_address", "person_number")),
    ),
    _of(
        "the persons of one county are gone",
        "create temp table lost as select nin from preg_address where current_address and left(st, 2) = '03'",
        *(f"delete from {table} where nin in (select nin from lost)" for table in ("preg_person", "person_number")),
    ),
    _of("every person is there twice", "insert into preg_person select * from preg_person"),
    _of("every address is there twice", "insert into preg_address select * from preg_address"),
    _of(
        "one person has two present addresses",
        f"""insert into preg_address select * from preg_address
        where current_address and nin = {_ANY_ADDRESS}""",
    ),
    _of("one in twenty has no present address", f"delete from preg_address where current_address and {_SOME}"),
    _of("present and former addresses change places", "update preg_address set current_address = not current_address"),
    _of(
        "a file is read twice under other numbers",
        """insert into preg_person select * replace (
        lpad(cast(99999999999 - cast(nin as bigint) as varchar), 11, '0') as nin) from preg_person""",
    ),
    _of("old numbers are forgotten", "delete from person_number where status = 'opphoert'"),
    _of("one number is missing", "delete from person_number where number = (select max(nin) from preg_person)"),
    _of(
        "every number leads to the next person",
        """create temp table next_person as
        select nin, coalesce(lead(nin) over (order by nin), min(nin) over ()) as other from preg_person""",
        "update person_number set nin = (select other from next_person where next_person.nin = person_number.nin)",
    ),
    # Columns that are empty, shifted or swapped.
    _of("surnames are empty in one county", f"update preg_person set sn = null where {_COUNTY}"),
    _of("days of birth are empty in one county", f"update preg_person set date_of_birth = null where {_COUNTY}"),
    _of("gender is empty", "update preg_person set gender = null"),
    _of("citizenship is empty for some", "update preg_person set citizenship = null where hash(nin) % 5 = 0"),
    _of("mothers are empty", "update preg_person set mothers_nin = null"),
    _of(
        "dwelling numbers are empty in one county",
        f"""update preg_address set apartment_number = null
        where current_address and {_COUNTY}""",
    ),
    _of("given names and surnames change places", "update preg_person set given_name = sn, sn = given_name"),
    _of(
        "a column is shifted: postal code and place",
        """update preg_address
        set postal_code = postal_place, postal_place = postal_code where country = 'Norge'""",
    ),
    _of(
        "a column is shifted: street and house number",
        """update preg_address
        set street_name = cast(house_number as varchar), house_number = null where house_number is not null""",
    ),
    _of(
        "a column is shifted: dwelling into co-address",
        """update preg_address
        set co_address = apartment_number, apartment_number = co_address where current_address""",
    ),
    _of(
        "a column is shifted: middle name into surname",
        """update preg_person
        set middle_name = given_name, given_name = sn, sn = middle_name""",
    ),
    _of(
        "mothers and fathers change places",
        """update preg_person
        set mothers_nin = fathers_nin, fathers_nin = mothers_nin""",
    ),
    _of(
        "the kommune's name is one row off",
        """create temp table other_name as
        select st, coalesce(lead(st) over (order by st), min(st) over ()) as next_st
        from (select distinct st from preg_address where current_address and st is not null)""",
        """update preg_address set municipality = (
            select max(other.municipality) from preg_address as other
            where other.st = (select next_st from other_name where other_name.st = preg_address.st)
        ) where current_address and st is not null""",
    ),
    # Places.
    _of(
        "two kommuner change places, number only",
        """update preg_address
        set st = case st when '0301' then '4601' when '4601' then '0301' end where st in ('0301', '4601')""",
    ),
    _of(
        "two kommuner change places in every column",
        """create temp table swapped as
        select * replace (
            case st when '0301' then '4601' else '0301' end as st,
            case st when '0301' then '4601' else '0301' end as present_st,
            case st when '0301' then 'BERGEN' else 'OSLO' end as municipality,
            case st when '0301' then '4601' else '0301' end || substr(grunnkrets_number, 5) as grunnkrets_number,
            case st when '0301' then '4601' else '0301' end || substr(district_code, 5) as district_code
        ) from preg_address where st in ('0301', '4601')""",
        "delete from preg_address where st in ('0301', '4601')",
        "insert into preg_address select * from swapped",
    ),
    _of("one kommune moves into another", "update preg_address set st = '4601', present_st = '4601' where st = '0301'"),
    _of("kommuner lose their leading zero", "update preg_address set st = ltrim(st, '0')"),
    _of("postal codes lose their leading zero", "update preg_address set postal_code = ltrim(postal_code, '0')"),
    _of(
        "a kommune of last year's numbers",
        """update preg_address set st = '3024', present_st = '3024'
        where current_address and st = '0301'""",
    ),
    _of(
        "Matrikkelen is missing: no grunnkrets",
        """update preg_address set grunnkrets_number = null,
        grunnkrets_name = null, district_code = null, district_name = null, basic_statistical_unit = null,
        enrichment_method = 'none', enrichment_reason = 'no_key'
        where enrichment_method not in ('none', 'hidden')""",
    ),
    _of(
        "Matrikkelen lacks one kommune",
        """update preg_address set grunnkrets_number = null, grunnkrets_name = null,
        enrichment_method = 'none', enrichment_reason = 'no_key' where st = '0301' and enrichment_method <> 'hidden'""",
    ),
    _of(
        "Matrikkelen is stale: grunnkretser of other numbers",
        """update preg_address
        set grunnkrets_number = left(grunnkrets_number, 4) || lpad(cast(
            (cast(substr(grunnkrets_number, 5) as integer) + 1) % 10000 as varchar), 4, '0')
        where grunnkrets_number is not null""",
    ),
    _of(
        "grunnkretser of the neighbouring kommune",
        """update preg_address set grunnkrets_number = '9999' ||
        substr(grunnkrets_number, 5) where grunnkrets_number is not null""",
    ),
    _of(
        "a grunnkrets has seven digits",
        """update preg_address set grunnkrets_number = substr(grunnkrets_number, 2)
        where nin = (select max(nin) from preg_address where grunnkrets_number is not null)""",
    ),
    _of("bydeler of another kommune", "update preg_address set district_code = '1103' || substr(district_code, 5)"),
    _of(
        "bydeler are empty in Oslo",
        """update preg_address set district_code = null, district_name = null
        where st = '0301'""",
    ),
    _of("east and north change places", "update preg_address set x_coord = y_coord, y_coord = x_coord"),
    _of("points in degrees", "update preg_address set x_coord = 10.75, y_coord = 59.91 where x_coord is not null"),
    _of(
        "house numbers of six digits",
        """update preg_address set house_number = house_number + 100000
        where house_number is not null""",
    ),
    _of(
        "everybody in one dwelling",
        """update preg_address set st = '0301', street_name = 'Torggata',
        house_number = 1, house_letter = null, apartment_number = 'H0101', cadastral_number = null,
        property_number = null where current_address and address_type = 'bostedsadresse' and street_name is not null""",
    ),
    _of(
        "streets read with the wrong character set",
        """update preg_address
        set street_name = replace(replace(street_name, 'ø', 'Ã¸'), 'å', 'Ã¥')""",
    ),
    _of("countries as codes", "update preg_address set country = 'NO' where country = 'Norge'"),
    # Persons.
    _of(
        "day and month of birth change places",
        """update preg_person set date_of_birth = make_date(
        year(date_of_birth), day(date_of_birth), month(date_of_birth)) where day(date_of_birth) <= 12""",
    ),
    _of("days of birth are a day early", "update preg_person set date_of_birth = date_of_birth - 1"),
    _of(
        "a century is lost",
        """update preg_person set date_of_birth = date_of_birth - interval 100 year
        where date_of_birth > '1990-01-01'""",
    ),
    _of("a day that stands for unknown", f"update preg_person set date_of_birth = '1900-01-01' where {_SOME}"),
    _of(
        "one person is born tomorrow",
        f"update preg_person set date_of_birth = current_date + 1 where nin = {_STRANGER}",
    ),
    _of("the genders change places", "update preg_person set gender = 1 - gender"),
    _of("a code outside its list", f"update preg_person set reg_status = 8 where nin = {_STRANGER}"),
    _of("the codes of civil status are one off", "update preg_person set marital_status = (marital_status + 1) % 10"),
    _of("civil status is a name", f"update preg_person set custody = 'X' where nin = {_STRANGER}"),
    _of("everybody lives here", "update preg_person set reg_status = 1"),
    _of("the dead are alive", "update preg_person set reg_status = 1 where reg_status = 5"),
    _of("some of the living are dead", f"update preg_person set reg_status = 5 where reg_status = 1 and {_SOME}"),
    _of(
        "the dead move",
        """update preg_address set date_adr_from = current_date
        where current_address and nin in (select nin from preg_person where reg_status = 5)""",
    ),
    _of("addresses of before birth", """update preg_address set date_adr_from = '1800-01-01'"""),
    _of(
        "addresses end before they begin",
        "update preg_address set valid_to = date_adr_from - 1 where not current_address",
    ),
    _of(
        "addresses of the next decade",
        """update preg_address set date_adr_from = date_adr_from + interval 80 year
        where current_address""",
    ),
    _of(
        "parents are their children's children",
        """create temp table parents as
        select child.nin, child.mothers_nin from preg_person as child
        where child.mothers_nin in (select nin from preg_person)""",
        """update preg_person
        set mothers_nin = (select min(nin) from parents where parents.mothers_nin = preg_person.nin)
        where nin in (select mothers_nin from parents)""",
        "update preg_person set mothers_nin = null where nin in (select nin from parents)",
    ),
    _of(
        "spouses are one row off",
        """create temp table spouses as select nin,
        coalesce(lead(spouse_nin) over (order by nin), min(spouse_nin) over ()) as other
        from preg_person where spouse_nin is not null""",
        """update preg_person set spouse_nin = (select other from spouses where spouses.nin = preg_person.nin)
        where spouse_nin is not null""",
    ),
    _of("one person is the own mother", f"update preg_person set mothers_nin = nin where nin = {_STRANGER}"),
    _of(
        "a number with a wrong check digit",
        f"""update preg_person
        set nin = left(nin, 10) || (cast(right(nin, 1) as integer) + 1) % 10 where nin = {_STRANGER}""",
    ),
    _of("numbers lose their leading zero", "update preg_person set nin = ltrim(nin, '0')"),
    _of(
        "relatives' numbers lose their leading zero",
        """update preg_person set mothers_nin = ltrim(mothers_nin, '0'),
        fathers_nin = ltrim(fathers_nin, '0'), spouse_nin = ltrim(spouse_nin, '0')""",
    ),
    _of(
        "names read with the wrong character set",
        """update preg_person
        set sn = replace(replace(sn, 'ø', 'Ã¸'), 'å', 'Ã¥'), given_name = replace(given_name, 'ø', 'Ã¸')""",
    ),
    _of("names with a blank at the end", "update preg_person set sn = sn || ' '"),
    _of("names in capitals", "update preg_person set sn = upper(sn), given_name = upper(given_name)"),
    _of("citizenships in two letters", "update preg_person set citizenship = left(citizenship, 2)"),
    _of("everybody is Norwegian", "update preg_person set citizenship = '000'"),
    _of(
        "yesterday's surnames for everybody's neighbour",
        """create temp table shifted as
        select nin, lag(sn, 1, sn) over (order by nin) as sn from preg_person""",
        "update preg_person set sn = (select sn from shifted where shifted.nin = preg_person.nin)",
    ),
    # Protection.
    _of("protection is lost", "update preg_address set postal_type = 0 where postal_type in (6, 7)"),
    _leak("the person's own row", f"update preg_address set street_name = '{{street}}' where nin = {_PROTECTED}"),
    _leak(
        "the person's own row, as a postal code",
        f"""update preg_address set postal_code = '{{postal_code}}'
        where nin = {_PROTECTED}""",
    ),
    _leak("a stranger's maiden name", f"update preg_person set maiden_name = '{{secret}}' where nin = {_STRANGER}"),
    _leak(
        "a stranger's postal address",
        f"""update preg_address set postal_address = '{{secret}}'
        where nin = {_ANY_ADDRESS} and current_address""",
    ),
    _leak(
        "the reason of the enrichment",
        f"""update preg_address set enrichment_reason = '{{street}}'
        where nin = {_PROTECTED}""",
    ),
    _leak(
        "the other addresses",
        f"""insert into preg_other_address (nin, country, address_line1)
        values ({_PROTECTED}, 'Norge', '{{secret}}')""",
    ),
    _leak(
        "the history of addresses",
        f"""insert into preg_address_earlier (nin, person_nin, street_name)
        values ({_PROTECTED}, {_PROTECTED}, '{{street}}')""",
    ),
    _leak(
        "the log of changes",
        f"""insert into preg_change_log (nin, entity, field, from_value)
        values ({_PROTECTED}, 'Address', 'street_name', '{{street}}')""",
    ),
    _leak(
        "the log of changes, as another field",
        f"""insert into preg_change_log (nin, entity, field, from_value)
        values ({_PROTECTED}, 'Person', 'sn', '{{secret}}')""",
    ),
    _leak(
        "the comparison",
        f"""insert into field_comparison_differences
        values
            ('preg_persontjenesten', {_PROTECTED}, 'Address', 'street_name', null, '{{street}}', 'only_right', null)""",
    ),
    _leak("a comment", "update field_mapping set comment_en = '{secret}' where preg_field = 'Sn'"),
    # History, comparison, tables.
    _of("the log of changes is empty", "delete from preg_change_log"),
    _of("the log of changes contains nothing", "update preg_change_log set to_value = from_value"),
    _of("earlier states are gone", "delete from preg_state where not is_present"),
    _of("a present state is missing", f"delete from preg_state where is_present and nin = {_STRANGER}"),
    _of(
        "states end before they begin",
        """update preg_state set shown_to = shown_from - interval 1 day
        where not is_present""",
    ),
    _of("the differences are gone", "delete from field_comparison_differences"),
    _of(
        "nothing was compared", "update field_comparison_summary set compared = 0, equal = 0, different = 0, causes = 0"
    ),
    _of(
        "half is compared",
        """update field_comparison_summary set compared = compared // 2,
        equal = compared // 2 - different""",
    ),
    _of(
        "every surname is different",
        """update field_comparison_summary set equal = 0, different = compared, causes = compared,
        unexplained = compared where field = 'sn'""",
    ),
    _of("a kind of difference that nobody knows", "update field_comparison_differences set difference_kind = 'odd'"),
    _of("a field without a mapping", "delete from field_mapping where preg_field = 'Sn'"),
    _of("no code lists", "delete from code_list"),
    _of("no countries", "delete from landkode"),
    _of("no words for codes", "delete from preg_code"),
    _of("statuses of years to come", "update preg_person set date_status = date_status + interval 90 year"),
    _of("the unmarried have spouses", "update preg_person set marital_status = 1 where spouse_nin is not null"),
    _of("kommuner that are none", "update preg_address set present_st = '0399' where st = '0301'"),
    _of(
        "the kinds of number change places",
        """update person_number
        set kind = case kind when 'dNummer' then 'foedselsnummer' else 'dNummer' end""",
    ),
    _of("a table is missing", "drop table preg_other_address"),
    _of("a column is missing", "alter table preg_person drop column work_permit"),
    _of("a column has another type", "alter table preg_address alter column house_number type varchar"),
    _of("a column has another name", "alter table preg_person rename column sn to surname"),
    _of("a table that nobody declared", "create table notes as select nin, sn from preg_person"),
)
