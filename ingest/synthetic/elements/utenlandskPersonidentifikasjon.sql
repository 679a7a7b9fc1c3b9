select person_id, 1 as ordinal, true as is_current, immigration_date as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',',
        text_member('identifikasjonsnummer', 'X' || (100000000 + pick(person_id, 'foreign number', 899999999))),
        text_member('identifikasjonsnummertype', 'utenlandskIdentifikasjonsnummer'),
        text_member('utstederland', origin_country)) as body
from subject
where immigration_date is not null and origin_country in ('SWE', 'DNK', 'FIN', 'POL')
    and u(person_id, 'has foreign number') < 0.5
