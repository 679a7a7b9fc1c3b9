-- Children who live with both parents in turn.
with shared as (
    select person_id, birth_date,
        pick(person_id, 'shared residence', (select count(*) from dwelling)) as dwelling_id
    from subject
    where age between 4 and 17 and status = 'bosatt' and protection is null and u(person_id, 'is shared') < 0.03
)
select person_id, 1 as ordinal, true as is_current, days_after(birth_date, 1200) as valid_from, null as valid_to,
    residence.adresse_id,
    concat_ws(',',
        residence_location(residence.kind, residence.members, null),
        text_member('startdatoForKontrakt', cast(days_after(birth_date, 1200) as varchar)),
        text_member('adresseIdentifikatorFraMatrikkelen', residence.adresse_id),
        text_member('adressegradering', 'ugradert')) as body
from shared
inner join residence using (dwelling_id)
