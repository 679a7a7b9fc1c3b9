-- Family names: whose name a child bears, most often the father's; siblings bear the same.
create or replace table family_name as
with parent_named as (
    select
        person_id,
        case
            when father_id is not null and (mother_id is null or u(mother_id, 'children bear her name') >= 0.2)
                then father_id
            else coalesce(mother_id, outside_family_id, person_id)
        end as named_after
    from life
),
grandparent_named as (
    select one.person_id, next.named_after
    from parent_named as one
    inner join parent_named as next on next.person_id = one.named_after
),
ancestor_named as (
    select one.person_id, next.named_after
    from grandparent_named as one
    inner join grandparent_named as next on next.person_id = one.named_after
),
first_bearer as (
    select one.person_id, next.named_after
    from ancestor_named as one
    inner join ancestor_named as next on next.person_id = one.named_after
)
select
    first_bearer.person_id,
    first_bearer.person_id = first_bearer.named_after as is_first,
    names_of_country.land,
    coalesce(
        one_of(names_of_country.etternavn, bearer.person_id, 'family name'),
        family_name_slot.navn
    ) as navn
from first_bearer
inner join life as bearer on bearer.person_id = first_bearer.named_after
inner join family_name_slot on family_name_slot.slot = pick(bearer.person_id, 'family name', 16384)
left join names_of_country on names_of_country.land = case
    when bearer.is_immigrant or bearer.had_d_number or bearer.has_d_number then bearer.origin_country
    when u(bearer.person_id, 'sami') < 0.007 then 'SAPMI'
end;

-- One row per person with everything that the entries are made from.
create or replace table person as
with lived as (
    select
        life.*,
        household.head_id,
        household_dwelling.dwelling_id,
        own_name.navn as birth_name,
        mothers_name.navn as mothers_birth_name,
        names_of_country.land as names_from,
        case when life.has_outside_father and life.mother_id is null then life.outside_family_id end
            as fatherless_family_id,
        case when life.has_outside_father then life.mother_id end as fatherless_mother_id,
        -- Where in the list of given names: siblings far from each other, so that no two of them have the same.
        case
            when nth_child is null then u(life.person_id, 'given name')
            else spread(
                nth_child, 0.6180339887498949, u(coalesce(life.mother_id, life.outside_family_id), 'given name')
            )
        end as x_given_name,
        spouses_name.navn as spouses_name,
        life.gender = 'kvinne' and life.spouse_id is not null and spouses_name.navn <> own_name.navn
            and u(life.person_id, 'takes name') < 0.45
            as took_spouses_name
    from life
    inner join household using (person_id)
    inner join household_dwelling using (head_id)
    inner join family_name as own_name on own_name.person_id = life.person_id
    left join names_of_country on names_of_country.land = own_name.land
        and (own_name.is_first or u(life.person_id, 'given name of the family''s country') < 0.5)
    left join family_name as mothers_name on mothers_name.person_id = life.mother_id
    left join family_name as spouses_name on spouses_name.person_id = life.spouse_id
),
numbered as materialized (
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
    numbered.* exclude (
        mothers_birth_name, names_from, outside_family_id, has_outside_father, nth_child, fatherless_family_id,
        fatherless_mother_id, x_given_name
    ),
    coalesce(
        case numbered.gender
            when 'kvinne' then at_share(names_of_country.kvinner, numbered.x_given_name)
            else at_share(names_of_country.menn, numbered.x_given_name)
        end,
        given.navn
    ) as fornavn,
    case when u(numbered.person_id, 'has middle name') < 0.2
        then coalesce(nullif(numbered.mothers_birth_name, numbered.birth_name), middle.navn) end as mellomnavn,
    case when numbered.took_spouses_name then numbered.spouses_name else numbered.birth_name end as etternavn,
    coalesce(spouse_number.nin, outside_number.number) as spouse_nin,
    coalesce(mother_number.nin, outside_mother.number) as mother_nin,
    coalesce(father_number.nin, family_father.number, childrens_father.number, mothers_husband.number) as father_nin,
    medmor_number.nin as medmor_nin,
    false as is_dublett_record
from numbered
left join names_of_country on names_of_country.land = numbered.names_from
inner join given_name_slot as given
    on given.gender = numbered.gender and given.decade = decade_of(numbered.birth_date)
    and given.slot = cast(floor(numbered.x_given_name * 4096) as bigint)
inner join family_name_slot as middle on middle.slot = pick(numbered.person_id, 'middle name', 16384)
left join numbered as spouse_number on spouse_number.person_id = numbered.spouse_id
left join number_holder as outside_number
    on outside_number.owner_id = numbered.person_id and outside_number.use = 'outside'
left join numbered as mother_number on mother_number.person_id = numbered.mother_id
left join numbered as father_number on father_number.person_id = numbered.father_id
left join number_holder as outside_mother
    on outside_mother.owner_id = numbered.outside_family_id and outside_mother.use = 'outside mother'
left join number_holder as family_father
    on family_father.owner_id = numbered.fatherless_family_id and family_father.use = 'outside father'
left join number_holder as childrens_father
    on childrens_father.owner_id = numbered.fatherless_mother_id and childrens_father.use = 'children''s father'
left join number_holder as mothers_husband
    on mothers_husband.owner_id = numbered.fatherless_mother_id and mothers_husband.use = 'outside'
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
