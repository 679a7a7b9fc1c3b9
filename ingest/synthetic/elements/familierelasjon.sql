select person_id, 1 as ordinal, true as is_current, birth_date as valid_from, null as valid_to, null as adresse_id,
    concat_ws(',', text_member('relatertPerson', mother_nin), text_member('relatertPersonsRolle', 'mor'),
        text_member('minRolleForPerson', 'barn')) as body
from subject where mother_nin is not null
union all
select person_id, 2, true, birth_date, null, null,
    concat_ws(',', text_member('relatertPerson', father_nin), text_member('relatertPersonsRolle', 'far'),
        text_member('minRolleForPerson', 'barn'))
from subject where father_nin is not null
union all
select person_id, 3, true, birth_date, null, null,
    concat_ws(',', text_member('relatertPerson', medmor_nin), text_member('relatertPersonsRolle', 'medmor'),
        text_member('minRolleForPerson', 'barn'))
from subject where medmor_nin is not null
union all
-- A parent abroad, without a Norwegian number.
select person_id, 4, true, birth_date, null, null,
    concat_ws(',',
        object_member('relatertPersonUtenFolkeregisteridentifikator', concat_ws(',',
            object_member('navn', concat_ws(',', text_member('fornavn', fornavn), text_member('etternavn', birth_name))),
            text_member('statsborgerskap', origin_country))),
        text_member('relatertPersonsRolle', 'far'), text_member('minRolleForPerson', 'barn'))
from subject where is_born_abroad and father_nin is null and u(person_id, 'parent abroad') < 0.1
union all
select person_id, 5, true, marriage_date, null, null,
    concat_ws(',', text_member('relatertPerson', spouse_nin), text_member('relatertPersonsRolle', 'ektefelleEllerPartner'),
        text_member('minRolleForPerson', 'ektefelleEllerPartner'))
from subject where spouse_nin is not null and sivilstand not in ('skilt', 'skiltPartner')
union all
select child_of.person_id, 100 + child_of.child_id, true, null, null, null,
    concat_ws(',', text_member('relatertPerson', child_nin), text_member('relatertPersonsRolle', 'barn'),
        text_member('minRolleForPerson', my_role))
from child_of
where person_id in (select person_id from subject)
