select person_id, 1 as ordinal, true as is_current, days_after(birth_date, 7500) as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',', text_member('bibeholdstatus', 'harBibehold'),
        text_member('datoForBibehold', cast(days_after(birth_date, 7500) as varchar))) as body
from subject
where status = 'utflyttet' and age > 22 and u(person_id, 'retention') < 0.02
