select person_id, 1 as ordinal, true as is_current, immigration_date as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',',
        text_member('identifikasjonsdokumentnummer', 'P' || (10000000 + pick(person_id, 'passport', 89999999))),
        text_member('identifikasjonsdokumenttype', 'pass'),
        text_member('utstederland', origin_country),
        text_member('gyldigFra', cast(days_after(immigration_date, -900) as varchar)),
        text_member('gyldigTil', cast(days_after(immigration_date, 2700) as varchar)),
        object_member('dokumentkontroll', concat_ws(',', text_member('dokumentkontrollstatus', 'godkjent'),
            text_member('dokumentkontrolltidspunkt', freg_time(cast(immigration_date as timestamp))))) ) as body
from subject
where has_d_number and u(person_id, 'document') < 0.5
