select person_id, 1 as ordinal, true as is_current, days_after(today(), -3000) as valid_from, null as valid_to,
    null as adresse_id, text_member('forhold', case when u(person_id, 'electoral roll') < 0.002 then 'innmeldt'
        else 'utmeldt' end) as body
from subject
where status = 'bosatt' and age >= 18 and u(person_id, 'electoral roll') < 0.003
