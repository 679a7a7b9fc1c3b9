select person_id, 1 as ordinal, true as is_current, coalesce(emigration_date, immigration_date) as valid_from,
    null as valid_to, null as adresse_id,
    concat_ws(',',
        text_member('adressegradering', 'ugradert'),
        case when u(person_id, 'abroad form') < 0.7
            then object_member('utenlandskAdresse', foreign_address(person_id, origin_country))
            else object_member('utenlandskAdresseIFrittFormat', concat_ws(',',
                '"adresselinje":["' || (1 + pick(person_id, 'abroad number', 200)) || ' Long Street","Building '
                    || (1 + pick(person_id, 'abroad building', 9)) || '"]',
                text_member('postkode', cast(10000 + pick(person_id, 'abroad code', 80000) as varchar)),
                text_member('byEllerStedsnavn', 'Springfield'),
                text_member('landkode', alfa2(origin_country))))
        end) as body
from subject
where (status = 'utflyttet' and u(person_id, 'address abroad') < 0.7)
    or (has_d_number and status <> 'doed' and u(person_id, 'address abroad') < 0.15)
