select person_id, 1 as ordinal, true as is_current, days_after(today(), -500) as valid_from, null as valid_to,
    null as adresse_id, text_member('valg', 'bostedsadresse') as body
from subject
where status = 'bosatt' and protection is null and u(person_id, 'preferred address') < 0.02
