select person_id, 1 as ordinal, true as is_current, immigration_date as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',',
        text_member('identifikasjonsnummer', cast(100000000000 + pick(person_id, 'duf', 99999999999) as varchar)),
        text_member('identifikasjonsnummertype', 'dufNummer'),
        text_member('utstederland', 'NOR')) as body
from subject
where immigration_date > date '1990-01-01' and origin_country in ('SYR', 'SOM', 'ERI', 'IRQ', 'UKR')
    and u(person_id, 'has duf') < 0.7
