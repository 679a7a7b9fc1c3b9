select person_id, 1 as ordinal, true as is_current, death_date as valid_from, null as valid_to, null as adresse_id,
    text_member('doedsdato', cast(death_date as varchar)) as body
from subject
where death_date is not null
