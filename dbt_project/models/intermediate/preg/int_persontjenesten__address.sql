-- The present address of each of Persontjenesten's persons in PREG's words, by the rules of preg_address.
{{ rebuilt_for_affected('persontjenesten_id', 'int_affected__persontjenesten_person') }}
with entries as (
    select
        addresses.*,
        row_number() over (
            partition by addresses.document_number
            order by
                build.address_type_rank(addresses.address_type),
                addresses.starts_on desc nulls last,
                addresses.registered_at desc nulls last
        ) as choice
    from {{ ref('stg_persontjenesten__address') }} as addresses
    where
        addresses.is_current
        and {{ only_affected('addresses.persontjenesten_id', ref('int_affected__persontjenesten_person')) }}
),

postal_entries as (
    select
        *,
        row_number() over (
            partition by document_number
            order by build.address_type_rank(address_type), starts_on desc nulls last, registered_at desc nulls last
        ) as postal_choice
    from entries
    where
        address_type in ('postadresse', 'postadresseIUtlandet')
        and coalesce(grade, 'Unclassified') = 'Unclassified'
),

postal as (
    select
        postal_entries.document_number,
        {{ address_lines('postal_entries') }} as lines,
        postal_entries.postal_code,
        postal_entries.postal_place,
        case when postal_entries.is_abroad then country.landnavn end as country_abroad,
        postal_entries.starts_on
    from postal_entries
    left join {{ ref('landkode') }} as country on postal_entries.country = country.iso_alfa2
    where postal_entries.postal_choice = 1
),

stays as (
    select
        document_number,
        stay,
        row_number() over (
            partition by document_number
            order by starts_on desc nulls last, registered_at desc nulls last
        ) as choice
    from entries
    where address_type = 'oppholdsadresse' and stay is not null
),

persons as (
    select
        document_number,
        persontjenesten_id,
        protection_level,
        protection_level_from
    from {{ ref('stg_persontjenesten__person') }}
    where {{ only_affected('persontjenesten_id', ref('int_affected__persontjenesten_person')) }}
),

chosen as (
    select
        persons.document_number,
        persons.persontjenesten_id,
        persons.protection_level_from,
        entries.* exclude (document_number, persontjenesten_id),
        build.strictest_grade(persons.protection_level, entries.grade) as grade_in_force,
        stays.stay as stay_in_force
    from persons
    left join entries on persons.document_number = entries.document_number and entries.choice = 1
    left join stays on persons.document_number = stays.document_number and stays.choice = 1
    where
        entries.document_number is not null
        or persons.protection_level in ('Confidential', 'StrictlyConfidential')
),

-- Where the addresses of a person are: the one that is chosen, and the postal one.
places as (
    select
        document_number,
        {{ place_members() | join(', ') }}
    from chosen
    union all
    select
        document_number,
        {{ place_members() | join(', ') }}
    from postal_entries
    where postal_choice = 1
),

-- Most places are said as Freg says them, word for word: those have their keys.
known_places as (
    select
        places.*,
        known.keys
    from places
    left join {{ ref('int_address__place') }} as known
        on hash(row(places.{{ place_members() | join(', places.') }})) = known.place_key
),

-- Materialized: a few of each portion of rows are left, and keys cost as much for a few rows as for a full portion.
other_places as materialized (
    select
        known_places.document_number,
        known_places.{{ place_members() | join(', known_places.') }},
        present.present_kommunenummer as present_st,
        {{ place_columns('known_places') }}
    from known_places
    left join {{ ref('int_kommune__present') }} as present on known_places.st = present.kommunenummer
    where known_places.keys is null
),

keyed_places as (
    select
        document_number,
        keys
    from known_places
    where keys is not null
    union all
    select
        document_number,
        build.place_keys({{ place_row('other_places') }}, false) as keys
    from other_places
),

-- Whatever places either of them may be.
place_keys as (
    select
        document_number,
        flatten(list(keys)) as place_keys
    from keyed_places
    group by document_number
),

addresses as (
    select
        chosen.*,
        false as is_hidden,
        chosen.protection_level_from as person_grade_from,
        chosen.municipality as municipality_name,
        coalesce(
            cast(chosen.basic_statistical_unit as varchar),
            right(chosen.grunnkrets_number, 4)
        ) as grunnkrets_in_kommune,
        cast(chosen.constituency as varchar) as valgkrets_number,
        cast(chosen.school_district as varchar) as skolekrets_number,
        cast(null as decimal(12, 2)) as x_coord,
        cast(null as decimal(12, 2)) as y_coord,
        postal.lines,
        postal.postal_code as line_postal_code,
        postal.postal_place as line_postal_place,
        postal.country_abroad as line_country,
        postal.starts_on as lines_from,
        chosen.service_district_code as district_code_meaning,
        chosen.service_district_name as district_name_meaning,
        chosen.grade_in_force as postal_type_value,
        place_keys.place_keys
    from chosen
    left join postal on chosen.document_number = postal.document_number
    left join place_keys on chosen.document_number = place_keys.document_number
),

final as (
    {{ preg_address('addresses', 'persontjenesten', extra_columns=[
        'document_number', 'persontjenesten_id', 'district_code_meaning', 'district_name_meaning', 'postal_type_value',
        'place_keys'
    ]) }}
)

select * from final
