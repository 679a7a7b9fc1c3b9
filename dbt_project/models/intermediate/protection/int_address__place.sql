-- One row per place as an address says it (`place_key` of int_address__entry): the number of the dwelling in its one
-- form, and the keys by which it is found to be the same as another, however each is written
-- (macros/place_functions.sql).
{{ rebuilt_with_everything() }}
with entries as (
    select
        entries.*,
        present.present_kommunenummer as present_st,
        row_number() over (
            partition by entries.place_key
            order by entries.document_number
        ) as choice
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
        present_st,
        {{ place_members() | join(', ') }},
        {{ place_columns('entries') }}
    from entries
    where choice = 1
),

final as (
    select
        place_key,
        build.dwelling_number(apartment_number) as dwelling_number,
        build.place_keys(places, false) as keys
    from places
)

select * from final
