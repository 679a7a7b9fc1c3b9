{#-
    The fields of PREG's address, each rule once, for whichever source the addresses come from: a select of
    `extra_columns` (further columns of `addresses`) and the fields in the order of field_mapping.csv, without NIN and
    CurrentAddress, which the model knows. The relation `addresses` has the columns of int_address__entry, and

    is_hidden                the address must not be told: then its kind alone is, and since when the person is protected
    grade_in_force, stay_in_force  the strictest grade of the person and the address, and the stay; in the source's words
    person_grade_from        since when the person is protected
    municipality_name        the kommune's name on the day
    lines, line_postal_code, line_postal_place, line_country, lines_from  the separate postal address (int_address__postal)
    grunnkrets_in_kommune        the number of the grunnkrets within its kommune (the last four of its eight digits)
    valgkrets_number, skolekrets_number  the numbers of the valgkrets and the skolekrets, as text
    district_code, district_name  the bydel that it lies in
    x_coord, y_coord         metres of EPSG 25833

    What an address of Freg's says is taken from its element by stg_freg__bostedsadresse and its like; which of a person's
    addresses is shown, and what is hidden, int_address__chosen says; grunnkrets, bydel and coordinates are looked up in
    Matrikkelen by int_address__enriched; int_preg__address adds the rest of the list above.

    source: freg or persontjenesten, whose values code_list.csv translates.
-#}
{% macro preg_address(addresses, source, extra_columns) -%}
    select
        {%- for column in extra_columns %}
        addresses.{{ column }},
        {%- endfor %}
        record.masked_if(addresses.is_hidden, coalesce(addresses.starts_on, addresses.valid_from)) as date_adr_from,
        -- Protected by the person's or the address's grade (6, 7), a client address (4); no known residence (5), staying
        -- elsewhere (1, 2, 3, 8), which a hidden address does not tell; 0 otherwise.
        cast(case
            when grade.code is not null then grade.code
            when addresses.is_hidden is distinct from false then '0'
            when addresses.is_unknown_residence then '5'
            when stay.code is not null then stay.code
            else '0'
        end as integer) as postal_type,
        coalesce(addresses.person_grade_from, record.masked_if(addresses.is_hidden, addresses.valid_from)) as date_postal_type,
        record.masked_if(addresses.is_hidden, addresses.st) as st,
        record.masked_if(addresses.is_hidden, upper(addresses.municipality_name)) as municipality,
        record.masked_if(addresses.is_hidden, addresses.street_name) as street_name,
        record.masked_if(addresses.is_hidden, addresses.street_number) as street_number,
        record.masked_if(addresses.is_hidden, try_cast(addresses.house_number as integer)) as house_number,
        record.masked_if(addresses.is_hidden, addresses.house_letter) as house_letter,
        record.masked_if(addresses.is_hidden, addresses.apartment_number) as apartment_number,
        record.masked_if(addresses.is_hidden, cast(addresses.cadastral_number as varchar)) as cadastral_number,
        record.masked_if(addresses.is_hidden, cast(addresses.property_number as varchar)) as property_number,
        record.masked_if(addresses.is_hidden, text.at_most(addresses.co_address, 25)) as co_address,
        -- Of a separate postal address only; `record.postal_lines`.
        record.masked_if(addresses.is_hidden, addresses.three_lines[1]) as address_line1,
        record.masked_if(addresses.is_hidden, addresses.three_lines[2]) as address_line2,
        record.masked_if(addresses.is_hidden, addresses.three_lines[3]) as address_line3,
        -- Street, house number and house letter, and nothing else: no dwelling, no c/o, no postal code and place, which clients
        -- append themselves.
        record.masked_if(
            addresses.is_hidden,
            record.street_line(addresses.street_name, addresses.house_number, addresses.house_letter)
        ) as postal_address,
        -- Since when AddressLine1-3 hold: since the separate postal address does; blank where it has no line.
        record.masked_if(
            addresses.is_hidden,
            case
                when
                    len(addresses.lines) > 0
                    or addresses.line_postal_code is not null
                    or addresses.line_postal_place is not null
                    then addresses.lines_from
            end
        ) as postal_address_valid_from,
        record.masked_if(addresses.is_hidden, addresses.postal_code) as postal_code,
        record.masked_if(addresses.is_hidden, upper(addresses.postal_place)) as postal_place,
        -- What has a kommune lies in Norway.
        record.masked_if(
            addresses.is_hidden, coalesce(country.landnavn, case when addresses.st is not null then 'Norge' end)
        ) as country,
        record.masked_if(addresses.is_hidden, addresses.district_code) as district_code,
        record.masked_if(addresses.is_hidden, addresses.district_name) as district_name,
        record.masked_if(addresses.is_hidden, try_cast(addresses.grunnkrets_in_kommune as integer))
            as basic_statistical_unit,
        record.masked_if(addresses.is_hidden, record.krets_of_residence(addresses.valgkrets_number, addresses.address_type))
            as constituency,
        record.masked_if(addresses.is_hidden, record.krets_of_residence(addresses.skolekrets_number, addresses.address_type))
            as school_district,
        record.masked_if(addresses.is_hidden, addresses.x_coord) as x_coord,
        record.masked_if(addresses.is_hidden, addresses.y_coord) as y_coord
    from (
        select
            *,
            record.postal_lines(lines, line_postal_code, line_postal_place, line_country) as three_lines
        from {{ addresses }}
    ) as addresses
    left join {{ ref('code_list') }} as grade
        on grade.code_list = 'PostalType' and addresses.grade_in_force = grade.{{ source }}_value
    left join {{ ref('code_list') }} as stay
        on stay.code_list = 'PostalType' and addresses.stay_in_force = stay.{{ source }}_value
    left join {{ ref('landkode') }} as country on addresses.country = country.iso_alfa2
{%- endmacro %}

{#-
    The lines of a postal address above the postal code, in their order on an envelope, as a list: c/o, the additional
    name of the place, the street or the plot, the building and the dwelling abroad, the post box; free lines as they are.
    `a`: a relation with the columns of int_address__entry.
-#}
{% macro address_lines(a) -%}
    list_concat(
        text.without_blanks([
            {{ a }}.co_address,
            {{ a }}.additional_name,
            coalesce(
                record.street_line({{ a }}.street_name, {{ a }}.house_number, {{ a }}.house_letter),
                record.plot_line(
                    {{ a }}.cadastral_number, {{ a }}.property_number, {{ a }}.leasehold_number, {{ a }}.sub_number
                )
            ),
            {{ a }}.building,
            {{ a }}.floor_and_unit,
            {{ a }}.post_box
        ]),
        list_filter({{ a }}.free_lines, lambda line: trim(line) <> '')
    )
{%- endmacro %}
