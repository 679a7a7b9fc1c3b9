{#-
    Rules of PREG's record that several of its columns share: days, numbers, lines of an address, protection. Functions of
    the schema `record` (`create_functions`, macros/functions.sql).
-#}
{% macro record_functions() -%}
-- A number of a person; NULL for one digit written all over (00000000000), which stands for no number.
create or replace macro record.identifier(given) as
    case when given <> repeat(left(given, 1), length(given)) then given end;

-- The calendar day in Oslo (the session's time zone is Europe/Oslo, see profiles.yml). Before 1980 the days of Freg
-- are midnights, in an offset that its writer had from one table of time zones and DuckDB from another (Norway's
-- summers of 1916 to 1965, and the time before 1895, are not in all of them): the nearest midnight counts.
create or replace macro record.local_date(point_in_time) as
    cast(
        point_in_time
        + case when point_in_time < timestamptz '1980-01-01 00:00:00+01' then interval 1 hour else interval 0 hour end
        as date
    );

-- A value of an address, unless the address is hidden, or it is not known whether it is.
create or replace macro record.masked_if(is_hidden, given) as
    case when not is_hidden then given end;

-- Street, house number and house letter: Storgata 1A. None where there is no street.
create or replace macro record.street_line(street_name, house_number, house_letter) as
    street_name || coalesce(' ' || nullif(concat(ltrim(house_number, '0'), house_letter), ''), '');

-- A cadastral address as gardsnummer/bruksnummer/festenummer-undernummer: 12/34-2.
create or replace macro record.plot_line(cadastral_number, property_number, leasehold_number, sub_number) as
    cadastral_number || '/' || property_number
    || coalesce('/' || leasehold_number, '') || coalesce('-' || nullif(sub_number, 0), '');

-- PREG's three lines (AddressLine1-3) of a separate postal address, as a list: at most two of what stands above the
-- postal code (`lines`, what is more than two joined in the second), then postal code and place, abroad with the
-- country, in capitals; each of at most 30 characters. The last line that is filled holds postal code and place.
create or replace macro record.postal_lines(lines, postal_code, postal_place, country) as
    list_transform(
        text.without_blanks([
            lines[1],
            array_to_string(list_slice(lines, 2, len(lines)), ', '),
            trim(concat_ws(' ', postal_code, upper(postal_place), upper(country)))
        ]),
        lambda line: text.at_most(line, 30)
    );

-- The number of the valgkrets or skolekrets of a residence, as four digits with leading zeros. Nobody votes or goes to
-- school by where they only stay or get their post.
create or replace macro record.krets_of_residence(given, address_type) as
    case when address_type = 'bostedsadresse' then text.left_padded(ltrim(given, '0'), 4) end;

-- Which of a person's present addresses is PREG's: the residence, else the stay, the postal address, the one abroad.
create or replace macro record.address_type_rank(address_type) as
    case address_type
        when 'bostedsadresse' then 1
        when 'oppholdsadresse' then 2
        when 'postadresse' then 3
        when 'postadresseIUtlandet' then 4
    end;

-- The number of the spouse or partner whom the history of civil status names last. entries: number, since, registered.
create or replace macro record.last_spouse(entries) as
    entries[list_max(list_transform(entries, lambda entry, position: {
        'since': coalesce(entry.since, cast('-infinity' as timestamptz)),
        'registered': coalesce(entry.registered, cast('-infinity' as timestamptz)),
        'position': position
    })).position].number;

-- The number that the present one replaced: of the other numbers of the record, the one that ended last. entries:
-- number, valid_from, valid_to.
create or replace macro record.former_number(entries, present) as
    list_transform(
        [list_filter(entries, lambda entry: entry.number <> present)],
        lambda others: others[list_max(list_transform(others, lambda entry, position: {
            'ended': coalesce(entry.valid_to, cast('-infinity' as timestamptz)),
            'began': coalesce(entry.valid_from, cast('-infinity' as timestamptz)),
            'position': position
        })).position].number
    )[1];

-- The stricter of the person's grade and the address's, in either source's words: strict before confidential before
-- client address; NULL for none of them.
create or replace macro record.strictest_grade(person_grade, address_grade) as
    case
        when person_grade in ('strengtFortrolig', 'StrictlyConfidential') then person_grade
        when address_grade in ('strengtFortrolig', 'StrictlyConfidential') then address_grade
        when person_grade in ('fortrolig', 'Confidential') then person_grade
        when address_grade in ('fortrolig', 'Confidential') then address_grade
        when address_grade in ('klientadresse', 'ClientAddress') then address_grade
    end;
{%- endmacro %}
