-- One row per place as an address says it (`place_key` of int_address__entry): the number of the dwelling in its one
-- form, and the keys by which it is found to be the same as another, however each is written
-- (macros/place.sql).
{{ rebuilt_with_everything() }}
with entries as (
    select
        entries.*,
        present.present_kommunenummer as present_st,
        row_number() over (
            partition by entries.place_key
            order by entries.document_number
        ) as row_rank
    from {{ ref('int_address__entry') }} as entries
    left join {{ ref('int_kommune__present') }} as present on entries.st = present.kommunenummer
    where
        {{ only_new_documents() }}
        {%- if is_partial_build() %}
        and entries.place_key not in (select place_key from {{ this }})
        {%- endif %}
),

places as (
    select
        place_key,
        place.dwelling_number(apartment_number) as dwelling_number,
        present_st,
        {{ place_members() | reject('equalto', 'apartment_number') | join(', ') }},
        -- The keys do not depend on the dwelling, except where it is given as a text.
        case when place.is_dwelling_text(apartment_number) then apartment_number end as apartment_number
    from entries
    where row_rank = 1
),

grouped as (
    select
        *,
        hash(row({{ place_members() | join(', ') }})) as house_key
    from places
),

-- Many dwellings are in one house: its keys are made once.
houses as (
    select
        house_key,
        present_st,
        {{ place_members() | join(', ') }},
        {{ place_columns('grouped') }}
    from grouped
    qualify row_number() over (partition by house_key order by place_key) = 1
),

keyed as (
    select
        house_key,
        place.keys(houses, as_protected := false) as keys
    from houses
),

final as (
    select
        grouped.place_key,
        grouped.dwelling_number,
        {{ keys_or_error(['keyed.keys'], 'grouped.place_key') }} as keys
    from grouped
    left join keyed on grouped.house_key = keyed.house_key
)

select * from final
