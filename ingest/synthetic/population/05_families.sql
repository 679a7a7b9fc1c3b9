-- Couples and parents. Spouses are mutual; a parent is older than the child by a plausible number of years.

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
        -- Women are on average two and a half years younger than the men they marry.
        year(birth_date) + case when gender = 'kvinne' and not same_gender then -2 else 0 end
            + pick(person_id, 'couple year', 5) as couple_year
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

-- Mothers: the woman born closest before (birth of the child - a drawn age at birth).
create or replace table parents as
with women as (
    select epoch(birth_date) / 86400 + u(person_id, 'hour') as born, person_id, birth_date
    from person_core
    where gender = 'kvinne' and status <> 'opphoert'
),
men as (
    select epoch(birth_date) / 86400 + u(person_id, 'hour') as born, person_id, birth_date
    from person_core
    where gender = 'mann' and status <> 'opphoert'
),
children as (
    select
        *,
        epoch(birth_date) / 86400 - 365.2425 * (17 + 12 * u(person_id, 'm1') + 12 * u(person_id, 'm2')) as mother_born,
        epoch(birth_date) / 86400 - 365.2425 * (19 + 13 * u(person_id, 'f1') + 14 * u(person_id, 'f2')) as father_born
    from person_core
),
with_mother as (
    select children.*, women.person_id as mother_id, women.birth_date as mother_birth
    from children
    asof left join women on women.born <= children.mother_born
),
with_both as (
    select with_mother.*, men.person_id as other_father_id, men.birth_date as other_father_birth
    from with_mother
    asof left join men on men.born <= with_mother.father_born
),
with_spouse as (
    select
        with_both.*,
        spouse.spouse_id as mothers_spouse_id,
        partner.birth_date as partner_birth,
        partner.gender as partner_gender
    from with_both
    left join spouse on spouse.person_id = with_both.mother_id
    left join person_core as partner on partner.person_id = spouse.spouse_id
),
chosen as (
    select
        person_id,
        birth_date,
        case
            when mother_is_known and date_diff('year', mother_birth, birth_date) between 15 and 50 then mother_id
        end as mother_id,
        case
            when mother_id is not null
                and partner_birth is not null
                and date_diff('year', partner_birth, birth_date) between 17 and 65
                and u(person_id, 'father is spouse') < 0.88
                then mothers_spouse_id
            when date_diff('year', other_father_birth, birth_date) between 17 and 65 then other_father_id
        end as second_id,
        father_is_known
    from with_spouse
)
select
    chosen.person_id,
    chosen.birth_date,
    chosen.mother_id,
    case when second.gender = 'mann' and chosen.father_is_known then second_id end as father_id,
    case when second.gender = 'kvinne' and chosen.father_is_known and mother_id is not null and second_id <> mother_id
        then second_id end as medmor_id
from chosen
left join person_core as second on second.person_id = chosen.second_id;
