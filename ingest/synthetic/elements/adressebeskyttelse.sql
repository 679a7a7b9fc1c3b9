select person_id, 1 as ordinal, true as is_current,
    days_after(today(), -30 - pick(person_id, 'protected since', 2000)) as valid_from, null as valid_to,
    null as adresse_id, text_member('graderingsnivaa', protection) as body
from subject
where protection is not null
union all
-- A protection that has ended.
select person_id, 1, false, days_after(today(), -3000), days_after(today(), -1000), null,
    text_member('graderingsnivaa', 'fortrolig')
from subject
where protection is null and status = 'bosatt' and u(person_id, 'was protected') < 0.001
