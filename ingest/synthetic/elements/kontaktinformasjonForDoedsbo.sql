select person_id, 1 as ordinal, true as is_current, not_later(days_after(death_date, 20)) as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',',
        object_member('person', concat_ws(',', object_member('personnavn', concat_ws(',',
            text_member('fornavn', fornavn), text_member('etternavn', birth_name))))),
        text_member('skifteform', case when u(person_id, 'probate') < 0.2 then 'offentlig' else 'annet' end),
        text_member('attestutstedelsesdato', cast(not_later(days_after(death_date, 20)) as varchar)),
        object_member('adresse', concat_ws(',', '"adresselinje":["Postboks ' || (1 + pick(person_id, 'estate', 900)) || '"]',
            text_member('poststedsnavn', 'OSLO'), text_member('postnummer', '0185')))) as body
from subject
where death_date > days_after(today(), -3000) and u(person_id, 'estate contact') < 0.6
