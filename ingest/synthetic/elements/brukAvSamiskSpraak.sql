select person_id, 1 as ordinal, true as is_current, days_after(today(), -1500) as valid_from, null as valid_to,
    null as adresse_id, '"spraak":["' || one_of(['nordsamisk', 'nordsamisk', 'lulesamisk', 'soersamisk'], person_id,
        'sami language') || '"]' as body
from subject
where status = 'bosatt' and u(person_id, 'uses sami') < 0.002
