-- A protected person whose addresses are not exactly one row that says only that there is one.
with protected_persons as (
    select distinct nin
    from {{ ref('int_person__protection') }}
    where is_present and grade is not null
)

select protected_persons.nin
from protected_persons
left join {{ ref('preg_address') }} as addresses on protected_persons.nin = addresses.nin
group by protected_persons.nin
having count(addresses.nin) <> 1 or count(addresses.postal_address) > 0 or min(addresses.postal_type) not in (6, 7)
