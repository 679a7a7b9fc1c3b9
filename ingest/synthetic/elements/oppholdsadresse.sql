-- D-number holders stay somewhere, in Norway or abroad; some residents stay elsewhere than they live.
with stays as (
    select *,
        case
            when has_d_number and u(person_id, 'stays') < 0.6 then 'here'
            when has_d_number and u(person_id, 'stays') < 0.75 then 'utenriks'
            when status = 'bosatt' and protection is null and age >= 18 and u(person_id, 'stays elsewhere') < 0.012
                then ['pendler', 'pendler', 'militaer', 'utenriks', 'paaSvalbard'][
                    1 + pick(person_id, 'stays where', 5)]
        end as stay,
        coalesce(immigration_date, days_after(today(), -200 - pick(person_id, 'stays since', 900))) as since,
        pick(person_id, 'stay', (select count(*) from dwelling)) as stay_dwelling_id
    from subject
    where status in ('bosatt', 'midlertidig', 'inaktiv')
)
select person_id, 1 as ordinal, true as is_current, since as valid_from, null as valid_to,
    case when stay in ('here', 'pendler', 'militaer') then residence.adresse_id end as adresse_id,
    concat_ws(',',
        case
            when stay in ('here', 'pendler', 'militaer') then residence_location(residence.kind, residence.members, null)
            when stay = 'utenriks' then object_member('utenlandskAdresse', foreign_address(person_id, origin_country))
            else plain_member('adressenErUkjent', 'true')
        end,
        case when stay in ('here', 'pendler', 'militaer')
            then text_member('adresseIdentifikatorFraMatrikkelen', residence.adresse_id) end,
        text_member('adressegradering', 'ugradert'),
        text_member('oppholdsadressedato', cast(since as varchar)),
        case when stay not in ('here') and not has_d_number then text_member('oppholdAnnetSted', stay) end) as body
from stays
inner join residence on residence.dwelling_id = stays.stay_dwelling_id
where stay is not null
