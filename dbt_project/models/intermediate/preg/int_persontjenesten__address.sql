-- The present address of each of Persontjenesten's persons in PREG's words, by the rules of preg_address.
{{ rebuilt_for_affected('persontjenesten_id', 'int_affected__persontjenesten_person') }}
with entries as (
    select
        addresses.*,
        -- As in int_address__entry: what says the same of where it is, word for word.
        hash(row(addresses.{{ place_members() | join(', addresses.') }})) as place_key,
        row_number() over (
            partition by addresses.document_number
            order by
                record.address_type_rank(addresses.address_type),
                addresses.starts_on desc nulls last,
                addresses.registered_at desc nulls last
        ) as row_rank
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
            order by record.address_type_rank(address_type), starts_on desc nulls last, registered_at desc nulls last
        ) as postal_row_rank
    from entries
    where
        address_type in ('postadresse', 'postadresseIUtlandet')
        and coalesce(grade, 'Unclassified') = 'Unclassified'
),

stays as (
    select
        document_number,
        stay,
        row_number() over (
            partition by document_number
            order by starts_on desc nulls last, registered_at desc nulls last
        ) as row_rank
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
        record.strictest_grade(persons.protection_level, entries.grade) as grade_in_force,
        stays.stay as stay_in_force
    from persons
    left join entries on persons.document_number = entries.document_number and entries.row_rank = 1
    left join stays on persons.document_number = stays.document_number and stays.row_rank = 1
    where
        entries.document_number is not null
        or persons.protection_level in ('Confidential', 'StrictlyConfidential')
),

-- Places that Freg does not say so: their keys are made here, all others are in int_address__place. Materialized,
-- because a few of each portion of rows are left, and keys cost as much for a few rows as for a full portion.
other_places as materialized (
    select
        places.place_key,
        places.{{ place_members() | join(', places.') }},
        present.present_kommunenummer as present_st,
        {{ place_columns('places') }}
    from entries as places
    left join {{ ref('int_kommune__present') }} as present on places.st = present.kommunenummer
    left join {{ ref('int_address__place') }} as known on places.place_key = known.place_key
    where known.place_key is null
    qualify row_number() over (partition by places.place_key order by places.document_number) = 1
),

other_keys as (
    select
        place_key,
        place.keys({{ place_row('other_places') }}, as_protected := false) as keys
    from other_places
),

postal as (
    select
        postal_entries.document_number,
        {{ address_lines('postal_entries') }} as lines,
        postal_entries.postal_code,
        postal_entries.postal_place,
        case when postal_entries.is_abroad then country.landnavn end as country_abroad,
        postal_entries.starts_on,
        {{ keys_or_error(['known.keys', 'other_keys.keys'], 'postal_entries.place_key') }} as place_keys
    from postal_entries
    left join {{ ref('landkode') }} as country on postal_entries.country = country.iso_alfa2
    left join {{ ref('int_address__place') }} as known on postal_entries.place_key = known.place_key
    left join other_keys on postal_entries.place_key = other_keys.place_key
    where postal_entries.postal_row_rank = 1
),

addresses as (
    select
        chosen.*,
        false as is_hidden,
        chosen.protection_level_from as person_grade_from,
        chosen.municipality as municipality_name,
        coalesce(
            cast(chosen.grunnkrets as varchar),
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
        -- All places that either of them may be.
        list_concat(
            {{ keys_or_error(['known.keys', 'other_keys.keys'], 'chosen.place_key') }},
            postal.place_keys
        ) as place_keys
    from chosen
    left join postal on chosen.document_number = postal.document_number
    left join {{ ref('int_address__place') }} as known on chosen.place_key = known.place_key
    left join other_keys on chosen.place_key = other_keys.place_key
),

final as (
    {{ preg_address('addresses', 'persontjenesten', extra_columns=[
        'document_number', 'persontjenesten_id', 'district_code_meaning', 'district_name_meaning', 'postal_type_value',
        'place_keys'
    ]) }}
)

select * from final
