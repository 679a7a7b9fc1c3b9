-- Couples and parents. Spouses are mutual and no close relatives; a woman has her children between 17 and 46, some years
-- apart, with one man or two.

-- Some years more or less: seven at the most, seldom so many.
create or replace macro age_gap(id, purpose) as
    cast(round(5 * (u(id, purpose) + u(-id, purpose) + u(id, purpose || ' too') - 1.5)) as integer);

-- Couples: women and men of about the same birth year, in the same situation; the dead are paired with the widowed.
create or replace table couple as
with situated as (
    select
        person_id,
        gender,
        birth_date,
        case
            when sivilstand in ('gift', 'separert', 'skilt', 'registrertPartner', 'separertPartner')
                and status <> 'doed' then sivilstand
            when sivilstand = 'enkeEllerEnkemann' then 'widowed ' || gender
            when sivilstand = 'gift' then 'widowed ' || case gender when 'kvinne' then 'mann' else 'kvinne' end
        end as situation,
        sivilstand in ('registrertPartner', 'separertPartner')
            or (sivilstand = 'gift' and status <> 'doed' and u(person_id, 'same gender') < 0.015) as same_gender
    from person_core
    where sivilstand in (
        'gift', 'separert', 'skilt', 'registrertPartner', 'separertPartner', 'enkeEllerEnkemann'
    )
        and status <> 'opphoert'
),
ranked as (
    select
        *,
        -- Women are on average two years younger than the men they marry, or have children with.
        year(birth_date) + case when gender = 'kvinne' and not same_gender then -2 else 0 end
            + age_gap(person_id, 'couple year') as couple_year
    from situated
),
numbered as (
    select
        *,
        row_number() over (
            partition by situation, same_gender, couple_year // 3, gender order by u(person_id, 'couple order')
        ) as n
    from ranked
),
mixed as (
    select woman.person_id as first_id, man.person_id as second_id
    from numbered as woman
    inner join numbered as man
        on woman.situation = man.situation
        and woman.couple_year // 3 = man.couple_year // 3
        and woman.n = man.n
    where woman.gender = 'kvinne' and man.gender = 'mann' and not woman.same_gender and not man.same_gender
),
same as (
    select one.person_id as first_id, other.person_id as second_id
    from numbered as one
    inner join numbered as other
        on one.situation = other.situation
        and one.couple_year // 3 = other.couple_year // 3
        and one.gender = other.gender
        and one.n + 1 = other.n
    where one.same_gender and other.same_gender and one.n % 2 = 1
)
select * from mixed
union all
select * from same;

create or replace table spouse as
select first_id as person_id, second_id as spouse_id from couple
union all
select second_id as person_id, first_id as spouse_id from couple;

-- Others have been married to somebody who is not in the register: as many as the real one knows a spouse of.
create or replace table outside_spouse as
with married as (
    select
        core.person_id,
        core.age_from,
        core.share_spouse_nin,
        spouse.person_id is not null as has_spouse,
        spouse.person_id is null and core.sivilstand <> 'ugift' as may_have_one
    from person_core as core
    left join spouse on spouse.person_id = core.person_id
),
wanted as (
    select
        age_from,
        (any_value(share_spouse_nin) * count(*) - count(*) filter (has_spouse))
            / nullif(count(*) filter (may_have_one), 0) as chance
    from married
    group by age_from
)
select married.person_id
from married
inner join wanted using (age_from)
where may_have_one and u(married.person_id, 'spouse outside') < chance;

-- With whom those have children who have no spouse in the register (`first`), and a child that some have with another.
create or replace table partner as
with candidates as (
    select
        core.person_id,
        core.gender,
        core.status = 'bosatt' as is_here,
        (year(core.birth_date) + case core.gender when 'kvinne' then -2 else 0 end
            + age_gap(core.person_id, 'partner year')) // 3 as pair_years,
        spouse.person_id is null as is_single,
        -- Not in the large families: few have more than a handful of half-siblings.
        u(core.person_id, 'another partner') < 0.1 and u(core.person_id, 'children') < 0.8 as has_another
    from person_core as core
    left join spouse using (person_id)
    where core.age >= 17 and core.status <> 'opphoert' and not core.has_d_number
),
numbered as (
    select
        *,
        'first' as which,
        row_number() over (partition by gender, is_here, pair_years order by u(person_id, 'partner')) as n
    from candidates
    where is_single
    union all
    select
        *,
        'other' as which,
        row_number() over (partition by gender, is_here, pair_years order by u(person_id, 'other partner')) as n
    from candidates
    where has_another
)
select woman.which, woman.person_id as woman_id, man.person_id as man_id
from numbered as woman
inner join numbered as man using (which, is_here, pair_years, n)
where woman.gender = 'kvinne' and man.gender = 'mann';

-- Whom people have children with as a rule: the spouse, else the partner.
create or replace table companion as
select person_id, spouse_id as companion_id from spouse
union all
select woman_id, man_id from partner where which = 'first'
union all
select man_id, woman_id from partner where which = 'first';

-- The years in which a woman may have a child: up to six, two years or more apart.
create or replace table birth_year as
with women as (
    select
        person_id as mother_id,
        year(birth_date) as born,
        status = 'bosatt' as is_here,
        least(42, greatest(18, cast(round(
            -- Later in life than their mothers did.
            24 + least(5, greatest(0, (year(birth_date) - 1945) * 0.11))
            + 8 * (u(person_id, 'first child') + u(person_id, 'mother 2') + u(person_id, 'mother 3') - 1.5)
        ) as integer))) as age_at_first,
        one_of([2, 2, 3, 3, 4], person_id, 'years between children') as years_between,
        u(person_id, 'children') as x,
        case
            when x < 0.12 then 0 when x < 0.26 then 1 when x < 0.65 then 2 when x < 0.87 then 3 when x < 0.95 then 4
            when x < 0.98 then 5 else 6
        end as children
    from person_core
    where gender = 'kvinne' and age >= 17 and status <> 'opphoert'
        and (not has_d_number or u(person_id, 'has children here') < 0.2)
),
numbered as (
    select *, unnest(range(children)) as k
    from women
)
select
    mother_id,
    k,
    born + age_at_first + k * years_between as child_year,
    row_number() over (partition by child_year order by u(mother_id * 8 + k, 'which child')) as n
from numbered
where age_at_first + k * years_between <= 45 and child_year <= year(today())
    -- Children grow up with a mother who is in the country.
    and (child_year < year(today()) - 19 or is_here or u(mother_id, 'has left children') < 0.02);

create or replace table mother as
with children as (
    select
        person_id,
        birth_date,
        year(birth_date) as child_year,
        row_number() over (partition by year(birth_date) order by u(person_id, 'which mother')) as n
    from person_core
    where mother_is_known and twin_of is null
),
placed as (
    select children.person_id, children.birth_date, children.child_year, birth_year.mother_id, birth_year.k
    from children
    left join birth_year using (child_year, n)
),
childless as (
    -- For children who are left without a mother in the country.
    select
        person_id as mother_id,
        (year(birth_date) + 29) // 5 as child_years,
        row_number() over (partition by (year(birth_date) + 29) // 5 order by u(person_id, 'only child')) as n
    from person_core
    where gender = 'kvinne' and status = 'bosatt' and not has_d_number
        and person_id not in (select mother_id from placed where mother_id is not null)
),
without as (
    select person_id, child_year // 5 as child_years,
        row_number() over (partition by child_year // 5 order by child_year desc, person_id) as n
    from placed
    where mother_id is null and child_year >= year(today()) - 19
),
given as (
    select without.person_id, childless.mother_id
    from without
    inner join childless using (child_years, n)
)
select
    placed.person_id,
    placed.birth_date,
    placed.child_year,
    coalesce(placed.mother_id, given.mother_id) as mother_id,
    coalesce(placed.k, 0) as k
from placed
left join given using (person_id);

-- The second parent, and the twins. The parents of one who would have married a sibling are unknown.
create or replace table parents as
with second_parent as (
    select
        mother.*,
        case when another.man_id is not null and mother.k = pick(mother.mother_id, 'which is another''s', 2)
            then another.man_id else companion.companion_id end as second_id
    from mother
    left join companion on companion.person_id = mother.mother_id
    left join partner as another on another.woman_id = mother.mother_id and another.which = 'other'
),
with_twins as (
    select person_id, person_id as as_of_id from second_parent
    union all
    select person_id, twin_of as as_of_id from person_core where twin_of is not null
),
chosen as (
    select
        core.person_id,
        core.birth_date,
        placed.mother_id,
        case when second.gender = 'mann' and core.father_is_known
            and date_diff('year', second.birth_date, core.birth_date) between 17 and 65 then second_id end as father_id,
        -- A co-mother is in the law since 2009.
        case when second.gender = 'kvinne' and core.father_is_known and core.birth_date >= date '2009-01-01'
            and date_diff('year', second.birth_date, core.birth_date) between 17 and 65 then second_id end as medmor_id,
        core.father_is_known,
        -- Whose mother is not in the register has a family of its own there, or a sibling some years younger.
        case when placed.mother_id is not null then null
            when child_year % 3 = 2 then with_twins.as_of_id
            else min(with_twins.as_of_id) over (partition by child_year // 6, child_year % 3 = 2, in_family)
        end as outside_family_id
    from with_twins
    inner join person_core as core on core.person_id = with_twins.person_id
    inner join (
        select
            *,
            case when mother_id is null then row_number() over (
                partition by mother_id is null, child_year // 3, child_year % 3 = 2
                order by u(person_id, 'family outside')
            ) end as in_family
        from second_parent
    ) as placed on placed.person_id = with_twins.as_of_id
    left join person_core as second on second.person_id = second_id
),
pair as (
    select person_id, companion_id from companion
    union all
    select woman_id, man_id from partner where which = 'other'
),
relatives as (
    select distinct least(one.person_id, other.person_id) as person_id
    from pair
    inner join chosen as one on one.person_id = pair.person_id
    inner join chosen as other on other.person_id = pair.companion_id
    where one.mother_id = other.mother_id
        or one.father_id = other.father_id
        or one.outside_family_id = other.outside_family_id
        or one.person_id in (other.mother_id, other.father_id)
        or other.person_id in (one.mother_id, one.father_id)
)
select
    person_id,
    birth_date,
    mother_id,
    father_id,
    medmor_id,
    outside_family_id,
    father_is_known and father_id is null and medmor_id is null as has_outside_father,
    row_number() over (partition by mother_id, outside_family_id order by birth_date, person_id) as nth_child
from chosen
where person_id not in (select person_id from relatives);

-- Parents who are not in the register themselves: a family's mother, and the father of those whose mother is here.
create or replace table outside_parent as
with families as (
    select outside_family_id as owner_id, min(birth_date) as eldest
    from parents
    where outside_family_id is not null
    group by all
),
mothers as (
    select 'outside mother' as use, owner_id,
        days_after(eldest, -7700 - pick(owner_id, 'outside mother', 3600)) as birth_date
    from families
),
fathers as (
    select 'outside father' as use, owner_id, birth_date as mother_born from mothers
    union all
    select distinct 'children''s father' as use, mother_id, person_core.birth_date
    from parents
    inner join person_core on person_core.person_id = parents.mother_id
    where has_outside_father and mother_id not in (select person_id from outside_spouse)
)
select use, owner_id, 'kvinne' as gender, birth_date from mothers
union all
select use, owner_id, 'mann', days_after(mother_born, -pick(owner_id, 'outside father', 2600)) from fathers;
