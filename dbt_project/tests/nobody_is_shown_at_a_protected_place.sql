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

-- Streets and numbers are few: what each is called, however it is written, is worked out once.
streets as (
    select
        street_name,
        place.bare_street(street_name) as bare_street
    from (select distinct street_name from shown) as named
),

house_numbers as (
    select
        house_number,
        house_letter,
        place.bare_house(house_number, house_letter) as bare_house
    from (
        select distinct
            house_number,
            house_letter
        from shown
    ) as numbered
),

houses as (
    select distinct
        shown.house,
        shown.st,
        shown.present_st,
        streets.bare_street,
        house_numbers.bare_house
    from shown
    inner join streets on shown.street_name = streets.street_name
    inner join house_numbers
        on
            shown.house_number is not distinct from house_numbers.house_number
            and shown.house_letter is not distinct from house_numbers.house_letter
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
