select person_id, 1 as ordinal, true as is_current, birth_date as valid_from, null as valid_to, null as adresse_id,
    text_member('kjoenn', gender) as body
from subject
