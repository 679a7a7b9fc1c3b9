-- Every address entry of every document, present and former. Entries with the same `place_key` say the same of where
-- they are, word for word (int_address__place).
{{ rebuilt_for_new_documents() }}
{%- set elements = [
    'bostedsadresse', 'delt_bosted', 'oppholdsadresse', 'postadresse', 'postadresse_i_utlandet'
] %}
with entries as (
    {% for element in elements %}
    select * from {{ ref('stg_freg__' ~ element) }}
    where {{ only_new_documents() }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        hash(
            row(
                st, street_name, street_number, house_number, house_letter, apartment_number, cadastral_number,
                property_number, leasehold_number, co_address, additional_name, building, floor_and_unit, post_box,
                free_lines, postal_code, postal_place, country, is_abroad, matrikkel_address_id,
                near_matrikkel_address_id
            )
        ) as place_key,
        entries.*
    from entries
)

select * from final
