-- Who lives together: couples, parents of the same child, and children with a parent. Each household has one dwelling.
create or replace table household as
with residents as (
    select *, status in ('bosatt', 'foedselsregistrert', 'ikkeBosatt') as lives_here
    from life
),
parents_together as (
    select distinct mother_id, father_id
    from parents
    where u(mother_id, 'live together') < 0.75 and father_id is not null
),
together as (
    select person_id, companion_id
    from companion
    inner join residents using (person_id)
    where sivilstand in ('gift', 'registrertPartner')
        or (spouse_id is null and (
            (person_id, companion_id) in (select (mother_id, father_id) from parents_together)
            or (companion_id, person_id) in (select (mother_id, father_id) from parents_together)
        ))
),
adults as (
    select
        residents.*,
        case
            when residents.lives_here and partner.lives_here then least(residents.person_id, together.companion_id)
            else residents.person_id
        end as own_head
    from residents
    left join together on together.person_id = residents.person_id
    left join residents as partner on partner.person_id = together.companion_id
)
select
    adults.person_id,
    case
        when adults.lives_here and (adults.age < 18 or (adults.age < 26 and u(adults.person_id, 'at home') < 0.4))
            and adults.sivilstand is distinct from 'gift'
            then coalesce(
                case when mother.lives_here and mother.age >= 18 then mother.own_head end,
                case when father.lives_here and father.age >= 18 then father.own_head end,
                adults.own_head
            )
        else adults.own_head
    end as head_id
from adults
left join adults as mother on mother.person_id = adults.mother_id
left join adults as father on father.person_id = adults.father_id;

create or replace table household_dwelling as
with heads as (
    select head_id, row_number() over (order by head_id) - 1 as n
    from (select distinct head_id from household)
)
select head_id, (n * 104729) % (select count(*) from dwelling) as dwelling_id
from heads;
