select person_id, 1 as ordinal, true as is_current, coalesce(immigration_date, birth_date) as valid_from,
    null as valid_to, null as adresse_id,
    text_member('identitetsgrunnlagstatus', case
        when has_d_number and u(person_id, 'identity') < 0.4 then 'ikkeKontrollert'
        when u(person_id, 'identity') < 0.9 then 'kontrollert'
        else 'ingenStatus' end) as body
from subject
where is_born_abroad
