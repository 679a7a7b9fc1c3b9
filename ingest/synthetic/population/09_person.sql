-- One row per person with everything that the entries are made from.
create or replace table person as
with family_names as (
    select life.person_id, name_slot.navn
    from life
    inner join name_slot on name_slot.kind = 'etternavn' and name_slot.slot = pick(life.person_id, 'family name', 16384)
),
lived as (
    select
        life.*,
        household.head_id,
        household_dwelling.dwelling_id,
        coalesce(fathers_name.navn, mothers_name.navn, own_name.navn) as birth_name,
        spouses_name.navn as spouses_name,
        life.gender = 'kvinne' and life.spouse_id is not null and u(life.person_id, 'takes name') < 0.45
            as took_spouses_name
    from life
    inner join household using (person_id)
    inner join household_dwelling using (head_id)
    left join family_names as own_name on own_name.person_id = life.person_id
    left join family_names as mothers_name on mothers_name.person_id = life.mother_id
    left join family_names as fathers_name on fathers_name.person_id = life.father_id
    left join family_names as spouses_name on spouses_name.person_id = life.spouse_id
),
numbered as (
    select
        lived.*,
        current_number.number as nin,
        former_number.number as former_nin,
        settled_number.number as settled_nin,
        corrected_number.number as corrected_nin,
        dublett.dublett_id,
        dublett_number.number as dublett_nin
    from lived
    inner join number_holder as current_number
        on current_number.person_id = lived.person_id and current_number.use = 'current'
    left join number_holder as former_number
        on former_number.person_id = lived.person_id and former_number.use = 'former'
    left join number_holder as settled_number
        on settled_number.person_id = lived.person_id and settled_number.use = 'settled'
    left join number_holder as corrected_number
        on corrected_number.person_id = lived.person_id and corrected_number.use = 'corrected'
    left join dublett on dublett.person_id = lived.person_id
    left join number_holder as dublett_number on dublett_number.person_id = dublett.dublett_id
)
select
    numbered.*,
    given.navn as fornavn,
    case when u(numbered.person_id, 'has middle name') < 0.2 then middle.navn end as mellomnavn,
    case when numbered.took_spouses_name then numbered.spouses_name else numbered.birth_name end as etternavn,
    coalesce(spouse_number.nin, outside_number.number) as spouse_nin,
    mother_number.nin as mother_nin,
    father_number.nin as father_nin,
    medmor_number.nin as medmor_nin,
    false as is_dublett_record
from numbered
inner join name_slot as given
    on given.kind = numbered.gender and given.slot = pick(numbered.person_id, 'given name', 16384)
inner join name_slot as middle
    on middle.kind = 'etternavn' and middle.slot = pick(numbered.person_id, 'middle name', 16384)
left join numbered as spouse_number on spouse_number.person_id = numbered.spouse_id
left join number_holder as outside_number
    on outside_number.owner_id = numbered.person_id and outside_number.use = 'outside'
left join numbered as mother_number on mother_number.person_id = numbered.mother_id
left join numbered as father_number on father_number.person_id = numbered.father_id
left join numbered as medmor_number on medmor_number.person_id = numbered.medmor_id
order by numbered.person_id;

-- The other record of a person who was registered twice: same birth, same name, its own number, status opphoert.
insert into person
select person.* replace (
    dublett_id as person_id,
    dublett_nin as nin,
    'opphoert' as status,
    null as spouse_id, null as spouse_nin, null as sivilstand, null as marriage_date,
    null as protection, null as dublett_id, null as dublett_nin, null as former_nin, null as corrected_nin,
    null as mother_id, null as mother_nin, null as father_id, null as father_nin, null as medmor_id, null as medmor_nin,
    true as is_dublett_record
)
from person
where dublett_id is not null;

-- Children by parent, for the parent's family relations.
create or replace table child_of as
select mother_id as person_id, person_id as child_id, nin as child_nin, 'mor' as my_role from person where mother_id is not null
union all
select father_id as person_id, person_id as child_id, nin as child_nin, 'far' as my_role from person where father_id is not null
union all
select medmor_id as person_id, person_id as child_id, nin as child_nin, 'medmor' as my_role from person where medmor_id is not null
order by 1, 2;
