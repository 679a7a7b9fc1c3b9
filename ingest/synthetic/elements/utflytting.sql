select person_id, 1 as ordinal, true as is_current, emigration_date as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',',
        text_member('tilflyttingsland', origin_country),
        text_member('utflyttingsdato', cast(emigration_date as varchar))) as body
from subject
where emigration_date is not null
