-- An address that is shown though it is, or may be, a dwelling that nobody may learn: by the relation that the models
-- use, from what they came to, of addresses with a street.
with shown as (
    select
        nin,
        st,
        present_st,
        build.dwelling_number(apartment_number) as dwelling_number,
        {{ place_columns('addresses') }}
    from {{ ref('preg_address') }} as addresses
    where street_name is not null
),

keys as (
    select
        nin,
        dwelling_number,
        unnest(build.street_keys(shown)) as key
    from shown
)

select keys.nin
from keys
inner join {{ ref('int_address__secret') }} as secret on keys.key = secret.key
where
    keys.dwelling_number is null
    or secret.dwelling_number is null
    or keys.dwelling_number = secret.dwelling_number
