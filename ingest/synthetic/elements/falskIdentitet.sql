select person_id, 1 as ordinal, true as is_current, immigration_date as valid_from, null as valid_to,
    null as adresse_id,
    plain_member('rettIdentitetErUkjent', 'true') || ',' || plain_member('erFalsk', 'true') as body
from subject
where has_d_number and status = 'inaktiv' and u(person_id, 'false identity') < 0.002
