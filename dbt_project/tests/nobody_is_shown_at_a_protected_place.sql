-- An address that is shown though it is, or may be, a protected dwelling: by the relation that the models
-- use, from what they came to, of addresses with a street.
with shown as (
    select
        nin,
        place.dwelling_number(apartment_number) as dwelling_number,
        st,
        present_st,
        street_name,
        house_number,
        house_letter,
        hash(row(st, present_st, street_name, house_number, house_letter)) as house
    from {{ ref('preg_address') }}
    where street_name is not null
),

-- Many dwellings are in one house: its keys are made once.
houses as (
    select
        house,
        st,
        present_st,
        {{ place_columns('shown') }}
    from shown
    qualify row_number() over (partition by house order by nin) = 1
),

keys as (
    select
        house,
        unnest(place.street_keys(houses)) as key
    from houses
)

select shown.nin
from keys
inner join {{ ref('int_address__protected_key') }} as protected on keys.key = protected.key
inner join shown on keys.house = shown.house
where
    shown.dwelling_number is null
    or protected.dwelling_number is null
    or shown.dwelling_number = protected.dwelling_number
