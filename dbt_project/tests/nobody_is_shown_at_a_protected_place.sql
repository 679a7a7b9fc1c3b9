-- An address that is shown though it is, or may be, a dwelling that nobody may learn: by the relation that the models
-- use, from what they came to, of addresses with a street.
with shown as (
    select
        nin,
        build.dwelling_number(apartment_number) as dwelling_number,
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
        unnest(build.street_keys(houses)) as key
    from houses
)

select shown.nin
from keys
inner join {{ ref('int_address__secret') }} as secret on keys.key = secret.key
inner join shown on keys.house = shown.house
where
    shown.dwelling_number is null
    or secret.dwelling_number is null
    or shown.dwelling_number = secret.dwelling_number
