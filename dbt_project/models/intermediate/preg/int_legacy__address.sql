-- The present address of each of the running PREG's persons in the columns of preg_address; of several that are
-- marked as present, the latest.
{{ rebuilt_for_affected('person_nin', 'int_affected__legacy_person') }}
with countries as (
    {{ countries_by_key() }}
),

iso as (
    select
        landnavn,
        min(iso_alfa2) as iso_alfa2
    from {{ ref('landkode') }}
    group by landnavn
),

addresses as (
    select
        addresses.*,
        {{ country_key('addresses.country') }} as country_key,
        row_number() over (
            partition by addresses.document_number
            order by addresses.date_adr_from desc nulls last, addresses.postal_address asc nulls last
        ) as row_rank
    from {{ ref('stg_legacy__address') }} as addresses
    where
        addresses.current_address
        and {{ only_affected('addresses.person_nin', ref('int_affected__legacy_person')) }}
),

-- Everything else of an address that may name a house.
texts as (
    select
        document_number,
        [
            place.other_line(address_line1, concat(street_name, ' ', house_number, house_letter)),
            place.other_line(address_line2, concat(street_name, ' ', house_number, house_letter)),
            place.other_line(address_line3, concat(street_name, ' ', house_number, house_letter)),
            place.other_line(postal_address, concat(street_name, ' ', house_number, house_letter)),
            case when street_name is null then concat_ws(' ', address_line1, house_number) end,
            case when try_cast(cadastral_number as integer) is null then cadastral_number end,
            case when place.has_number(municipality) then municipality end,
            case when place.has_number(district_name) then district_name end,
            case when place.has_number(country) then country end
        ] as lines
    from addresses
    where row_rank = 1
),

-- As an address of any source, to find out whether it is at a protected place.
shaped as (
    select
        addresses.document_number,
        present.present_kommunenummer as present_st,
        addresses.st,
        addresses.street_name,
        addresses.street_number,
        cast(addresses.house_number as varchar) as house_number,
        addresses.house_letter,
        addresses.apartment_number,
        cast(try_cast(addresses.cadastral_number as integer) as bigint) as cadastral_number,
        cast(try_cast(addresses.property_number as integer) as bigint) as property_number,
        cast(null as bigint) as leasehold_number,
        addresses.co_address,
        cast(null as varchar) as additional_name,
        cast(null as varchar) as building,
        cast(null as varchar) as floor_and_unit,
        cast(null as varchar) as post_box,
        list_filter(texts.lines, lambda line: line is not null) as free_lines,
        addresses.postal_code,
        addresses.postal_place,
        coalesce(iso.iso_alfa2, addresses.country) as country,
        cast(null as boolean) as is_abroad,
        cast(null as varchar) as matrikkel_address_id,
        cast(null as varchar) as near_matrikkel_address_id,
        addresses.x_coord,
        addresses.y_coord
    from addresses
    inner join texts on addresses.document_number = texts.document_number
    left join {{ ref('int_kommune__present') }} as present on addresses.st = present.kommunenummer
    left join countries on addresses.country_key = countries.country_key
    left join iso on lower(coalesce(countries.landnavn, addresses.country)) = lower(iso.landnavn)
    where addresses.row_rank = 1
),

bare as (
    select
        document_number,
        x_coord,
        y_coord,
        present_st,
        {{ place_members() | join(', ') }},
        {{ place_columns('shaped') }}
    from shaped
),

keyed as (
    select
        document_number,
        list_concat(place.keys(bare, as_protected := false), place.position_keys(x_coord, y_coord)) as place_keys
    from bare
),

final as (
    select
        keyed.place_keys,
        addresses.* exclude (row_rank, postal_type, country, country_key),
        coalesce(countries.landnavn, addresses.country) as country,
        {{ known_code('PostalType', 'addresses.postal_type') }} as postal_type,
        cast(addresses.postal_type as varchar) as postal_type_value
    from addresses
    inner join keyed on addresses.document_number = keyed.document_number
    left join countries on addresses.country_key = countries.country_key
    where addresses.row_rank = 1
)

select * from final
