-- An address that is shown though it is, or may be, a dwelling that nobody may learn: by the relation that the models use, from
-- what they came to.
with shown as (
    select
        nin,
        present_st,
        {{ dwelling_number('apartment_number') }} as dwelling_number,
        {{ address_shape({
            'st': 'st', 'street_name': 'street_name', 'street_number': 'street_number',
            'house_number': 'house_number', 'house_letter': 'house_letter', 'postal_code': 'postal_code',
        }) }}
    from {{ ref('preg_address') }}
    where street_name is not null
),

keys as (
    select
        nin,
        dwelling_number,
        {{ one_row_each(place_keys('shown')) }} as key
    from shown
)

select keys.nin
from keys
inner join {{ ref('int_address__secret') }} as secret on keys.key = secret.key
where
    keys.dwelling_number is null
    or secret.dwelling_number is null
    or keys.dwelling_number = secret.dwelling_number
