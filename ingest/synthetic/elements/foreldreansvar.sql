-- On the child: who has the responsibility. On the parent: for whom.
with minors as (
    select person_id, nin, mother_id, mother_nin, father_id, father_nin, birth_date,
        case
            when mother_nin is not null and father_nin is not null and u(person_id, 'responsibility') < 0.85 then 'felles'
            when mother_nin is not null and u(person_id, 'responsibility') < 0.95 then 'mor'
            when father_nin is not null then 'far'
            when mother_nin is not null then 'mor'
            when u(person_id, 'responsibility') < 0.5 then 'andre'
            else 'ukjent'
        end as ansvar
    from person
    where age < 18 and status in ('bosatt', 'foedselsregistrert', 'midlertidig')
)
select person_id, 1 as ordinal, true as is_current, birth_date as valid_from, null as valid_to, null as adresse_id,
    concat_ws(',', text_member('ansvar', ansvar),
        text_member('ansvarlig', case when ansvar in ('felles', 'mor') then mother_nin when ansvar = 'far' then father_nin end))
        as body
from minors
where person_id in (select person_id from subject)
union all
select person_id, 2, true, birth_date, null, null,
    concat_ws(',', text_member('ansvar', ansvar), text_member('ansvarlig', father_nin))
from minors
where ansvar = 'felles' and person_id in (select person_id from subject)
union all
select mother_id, 100 + person_id, true, birth_date, null, null,
    concat_ws(',', text_member('ansvar', ansvar), text_member('ansvarssubjekt', nin))
from minors
where ansvar in ('felles', 'mor') and mother_id in (select person_id from subject)
union all
select father_id, 100 + person_id, true, birth_date, null, null,
    concat_ws(',', text_member('ansvar', ansvar), text_member('ansvarssubjekt', nin))
from minors
where ansvar in ('felles', 'far') and father_id in (select person_id from subject)
