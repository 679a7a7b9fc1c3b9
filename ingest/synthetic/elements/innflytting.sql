select person_id, 1 as ordinal, true as is_current, immigration_date as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',', text_member('fraflyttingsland', origin_country),
        text_member('fraflyttingsstedIUtlandet', 'Old Town')) as body
from subject
where (is_immigrant or former_nin is not null) and not has_d_number
