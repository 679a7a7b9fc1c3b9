-- A person whose former number does not lead to the person.
select persons.nin
from {{ ref('preg_person') }} as persons
left join {{ ref('person_number') }} as numbers on persons.old_nin = numbers.number and persons.nin = numbers.nin
where persons.old_nin is not null and numbers.number is null
