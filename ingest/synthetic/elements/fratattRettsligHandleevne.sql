select person_id, 1 as ordinal, true as is_current, days_after(today(), -900) as valid_from, null as valid_to,
    null as adresse_id, '' as body
from subject
where status = 'bosatt' and age >= 18 and u(person_id, 'legal capacity') < 0.001
