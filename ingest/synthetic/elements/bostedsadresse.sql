-- The present residence and up to three before it. None for a D-number holder; the residence of a strengt fortrolig
-- person is not in Freg at all; one who has moved abroad has only former ones; some live nowhere known.
with stays as (
    select person_id, dwelling_id, status, protection, death_date, fornavn,
        coalesce(emigration_date, death_date, today()) as last_day,
        case when is_immigrant or former_nin is not null then immigration_date else birth_date end as first_day,
        status = 'utflyttet' as has_left,
        status = 'forsvunnet' or (status = 'bosatt' and protection is null and u(person_id, 'no fixed abode') < 0.004)
            as is_unknown,
        pick(person_id, 'former residences', 4) as former
    from subject
    where not has_d_number and protection is distinct from 'strengtFortrolig' and status <> 'opphoert'
),
dated as (
    select *,
        between_days(first_day, last_day, 1 - pow(u(person_id, 'moved'), 2)) as moved_0,
        between_days(first_day, moved_0, u(person_id, 'moved 1')) as moved_1,
        between_days(first_day, moved_1, u(person_id, 'moved 2')) as moved_2,
        between_days(first_day, moved_2, u(person_id, 'moved 3')) as moved_3
    from stays
),
addressed as (
    select person_id, protection, fornavn, is_unknown, 4 as ordinal, not has_left as is_current, moved_0 as valid_from,
        case when has_left then last_day end as valid_to, dwelling_id
    from dated
    union all
    select person_id, protection, fornavn, false, 3, false, moved_1, moved_0,
        pick(person_id, 'dwelling 1', (select count(*) from dwelling))
    from dated where former >= 1 and moved_1 < moved_0
    union all
    select person_id, protection, fornavn, false, 2, false, moved_2, moved_1,
        pick(person_id, 'dwelling 2', (select count(*) from dwelling))
    from dated where former >= 2 and moved_2 < moved_1
    union all
    select person_id, protection, fornavn, false, 1, false, moved_3, moved_2,
        pick(person_id, 'dwelling 3', (select count(*) from dwelling))
    from dated where former >= 3 and moved_3 < moved_2
)
select
    person_id, ordinal, is_current, valid_from, valid_to,
    case when not is_unknown then residence.adresse_id end as adresse_id,
    case when is_unknown then concat_ws(',',
        object_member('ukjentBosted', text_member('bostedskommune', residence.kommunenummer)),
        text_member('adressegradering', 'ugradert'))
    else concat_ws(',',
        residence_location(residence.kind, residence.members, case when u(person_id * 8 + ordinal, 'c/o') < 0.01
            then 'c/o ' || fornavn || ' Utleier' end),
        case
            when u(person_id * 8 + ordinal, 'only near') < 0.005
                then text_member('naerAdresseIdentifikatorFraMatrikkelen', residence.adresse_id)
            when u(person_id * 8 + ordinal, 'no address id') >= 0.01
                then text_member('adresseIdentifikatorFraMatrikkelen', residence.adresse_id)
        end,
        text_member('adressegradering', case
            when protection = 'fortrolig' then 'fortrolig'
            when is_current and u(person_id, 'client address') < 0.001 then 'klientadresse'
            else 'ugradert' end),
        text_member('flyttedato', cast(valid_from as varchar)),
        plain_member('grunnkrets', residence.grunnkrets),
        plain_member('stemmekrets', 1 + residence.grunnkrets % 40),
        plain_member('skolekrets', 1 + residence.grunnkrets % 25),
        plain_member('kirkekrets', 1 + residence.grunnkrets % 12))
    end as body
from addressed
inner join residence using (dwelling_id)
