-- When things happened: marriages, deaths, moves into and out of the country; and what a few persons are.
create or replace table life as
with last_child as (
    select parent_id, min(birth_date) as first_child_born, max(birth_date) as last_child_born
    from (
        select mother_id as parent_id, birth_date from parents
        union all
        select father_id as parent_id, birth_date from parents
    )
    where parent_id is not null
    group by parent_id
),
marriage as (
    select
        couple.first_id,
        couple.second_id,
        greatest(one.birth_date, other.birth_date) + interval 20 year as earliest,
        u(least(couple.first_id, couple.second_id), 'marriage') as x
    from couple
    inner join person_core as one on one.person_id = couple.first_id
    inner join person_core as other on other.person_id = couple.second_id
),
married as (
    select first_id as person_id, earliest, x from marriage
    union all
    select second_id as person_id, earliest, x from marriage
),
dated as (
    select
        core.*,
        spouse.spouse_id,
        parents.mother_id,
        parents.father_id,
        parents.medmor_id,
        parents.outside_family_id,
        parents.has_outside_father,
        parents.nth_child,
        first_child_born,
        -- The dead outlived their last child's birth, and died at a plausible age.
        case when core.status = 'doed' then
            between_days(
                greatest(
                    coalesce(last_child_born, core.birth_date),
                    cast(core.birth_date + to_years(cast(least(core.age, 60) * u(core.person_id, 'age at death') as integer))
                        as date),
                    coalesce(least(cast(married.earliest as date), days_after(today(), -400)), core.birth_date)
                ),
                days_after(today(), -3),
                pow(u(core.person_id, 'death'), 0.7)
            )
        end as death_date,
        case when married.person_id is not null then
            between_days(least(cast(married.earliest as date), days_after(today(), -420)), days_after(today(), -400),
                married.x * 0.5)
        end as drawn_marriage_date
    from person_core as core
    left join spouse on spouse.person_id = core.person_id
    left join parents on parents.person_id = core.person_id
    left join last_child on last_child.parent_id = core.person_id
    left join married on married.person_id = core.person_id
),
foreign_countries as (
    -- Those that many come from several times.
    select ['SWE', 'SWE', 'POL', 'POL', 'POL', 'POL', 'LTU', 'LTU', 'UKR', 'UKR', 'UKR', 'SYR', 'SYR', 'SOM', 'DNK', 'DEU',
        'GBR', 'PAK', 'ERI', 'IRQ', 'PHL', 'THA', 'IND', 'USA', 'ROU', 'ESP', 'NLD', 'FIN'] as countries
)
select
    dated.* exclude (drawn_marriage_date, first_child_born),
    -- A couple has one wedding day; a death ends the marriage that was before it.
    case when spouse_id is not null then
        least(
            min(drawn_marriage_date) over (partition by least(person_id, coalesce(spouse_id, person_id))),
            days_after(coalesce(min(death_date) over (partition by least(person_id, coalesce(spouse_id, person_id))),
                today()), -1)
        )
    end as marriage_date,
    min(death_date) over (partition by least(person_id, coalesce(spouse_id, person_id))) as first_death_of_couple,
    case when status = 'utflyttet' then
        between_days(days_after(birth_date, 30), days_after(today(), -5), 0.3 + 0.7 * u(person_id, 'emigration'))
    end as emigration_date,
    case when is_immigrant or had_d_number or has_d_number then
        -- Before there were children here.
        least(
            between_days(
                birth_date,
                coalesce(death_date, days_after(today(), -30)),
                0.1 + 0.85 * u(person_id, 'immigration')
            ),
            days_after(first_child_born, -300)
        )
    end as immigration_date,
    one_of(countries, person_id, 'origin') as origin_country,
    is_immigrant or had_d_number or has_d_number or u(person_id, 'born abroad') < 0.03 as is_born_abroad,
    case
        when has_d_number then one_of(countries, person_id, 'origin')
        when (is_immigrant or had_d_number) and u(person_id, 'naturalised') < 0.6
            then one_of(countries, person_id, 'origin')
        else 'NOR'
    end as citizenship,
    u(person_id, 'two citizenships') < 0.03 as has_second_citizenship,
    case
        when has_d_number or status <> 'bosatt' then null
        when u(person_id, 'protection') < 0.0005 then 'strengtFortrolig'
        when u(person_id, 'protection') < 0.003 then 'fortrolig'
        -- However small the sample, it has protected persons of both grades.
        when row_number() over (partition by has_d_number, status order by u(person_id, 'protection')) = 1
            then 'strengtFortrolig'
        when row_number() over (partition by has_d_number, status order by u(person_id, 'protection')) = 2
            then 'fortrolig'
    end as protection
from dated, foreign_countries;
