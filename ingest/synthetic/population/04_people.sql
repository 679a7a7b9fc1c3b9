-- Who is in the register, shaped as the real one by age group: gender, registration status, civil status, D-number.
create or replace table age_group as
with counted as (
    select *, sum(persons) over (order by age_from) as upper_bound, sum(persons) over () as total
    from read_csv('{reference}/preg_population_by_age.csv')
)
select
    * exclude (upper_bound, total),
    cast(round({persons} * (upper_bound - persons) / total) as bigint) as first_id,
    cast(round({persons} * upper_bound / total) as bigint) as end_id
from counted;

create or replace table person_core as
with drawn as (
    select
        range as person_id,
        age_group.*,
        range - first_id as k,
        greatest(
            age_from + spread(range - first_id, 0.7548776662466927, u(age_from, 'age')) * (age_to + 1 - age_from),
            u(range, 'newborn') * 0.02
        ) as age,
        spread(range - first_id, 1.4142135623730951, u(age_from, 'gender')) as x_gender,
        spread(range - first_id, 1.7320508075688772, u(age_from, 'status')) as x_status,
        spread(range - first_id, 2.23606797749979, u(age_from, 'number')) as x_number,
        spread(range - first_id, 2.6457513110645907, u(age_from, 'civil status')) as x_civil,
        spread(range - first_id, 3.3166247903554, u(age_from, 'migration')) as x_migration,
        spread(range - first_id, 3.605551275463989, u(age_from, 'mother')) as x_mother,
        spread(range - first_id, 4.123105625617661, u(age_from, 'father')) as x_father
    from range({persons})
    inner join age_group on range >= first_id and range < end_id
),
status_drawn as (
    select
        *,
        x_status * persons as y_status,
        case
            when y_status < reg_status_5 then 'doed'
            when y_status < reg_status_5 + reg_status_2 + reg_status_3 then 'utflyttet'
            when y_status < reg_status_5 + reg_status_2 + reg_status_3 + reg_status_4 then 'forsvunnet'
            when y_status < reg_status_5 + reg_status_2 + reg_status_3 + reg_status_4 + reg_status_6 + reg_status_8
                then 'opphoert'
            when y_status < persons - reg_status_1 - reg_status_7 then 'ikkeBosatt'
            when y_status < persons - reg_status_1 then 'foedselsregistrert'
            else 'bosatt'
        end as status_without_d_number,
        1.0 * (reg_status_1 + reg_status_5 + reg_status_6 + reg_status_8) / persons as share_may_have_d_number,
        1.0 * marital_status_0 / persons as share_unknown_civil
    from drawn
),
number_drawn as (
    select
        *,
        status_without_d_number in ('bosatt', 'doed', 'opphoert')
            and x_number * share_may_have_d_number < share_d_number as has_d_number
    from status_drawn
),
civil_drawn as (
    select
        *,
        -- Unknown civil status belongs to D-number holders first.
        case
            when has_d_number and share_d_number > 0
                then least(1, share_unknown_civil / share_d_number)
            else greatest(0, share_unknown_civil - share_d_number) / (1 - share_d_number)
        end as chance_unknown_civil,
        (x_civil - chance_unknown_civil) / nullif(1 - chance_unknown_civil, 0) * (persons - marital_status_0) as y_civil
    from number_drawn
),
foreign_drawn as (
    select
        *,
        days_after(today(), -1 - floor(age * 365.2425)) as drawn_birth_date,
        not has_d_number and status_without_d_number in ('bosatt', 'doed')
            and x_migration * (1 - share_d_number) < share_old_nin as had_d_number,
        not has_d_number and status_without_d_number in ('bosatt', 'doed')
            and x_migration * (1 - share_d_number) < share_old_nin + greatest(
                0, share_status_country - 1.0 * (reg_status_2 + reg_status_3) / persons - share_old_nin
            ) as is_immigrant
    from civil_drawn
),
parents_drawn as (
    select
        *,
        has_d_number or is_immigrant as came_from_abroad,
        avg(cast(came_from_abroad as integer)) over (partition by age_from) as share_from_abroad,
        -- Whose parents are unknown has come from abroad, as far as there are so many.
        case
            when came_from_abroad then greatest(0, share_mothers_nin - (1 - share_from_abroad)) / share_from_abroad
            else least(1, share_mothers_nin / nullif(1 - share_from_abroad, 0))
        end as chance_mother_is_known,
        x_mother < chance_mother_is_known as mother_is_known,
        mother_is_known and x_father * share_mothers_nin < share_fathers_nin as father_is_known
    from foreign_drawn
),
neighbours as (
    select
        *,
        row_number() over by_birth as n,
        lag(person_id) over by_birth as born_before_id,
        lag(drawn_birth_date) over by_birth as born_before,
        lag(mother_is_known and not came_from_abroad) over by_birth as may_be_first_twin
    from parents_drawn
    window by_birth as (order by drawn_birth_date, person_id)
),
twinned as (
    select
        *,
        -- Three in a hundred are twins: the second has the birthday of the one who was born shortly before.
        n % 2 = 0 and may_be_first_twin and mother_is_known and not came_from_abroad and u(person_id, 'twin') < 0.034
            and drawn_birth_date < born_before + 90 and year(born_before) >= 1940 as is_second_twin,
        case when is_second_twin then born_before else drawn_birth_date end as birth_date,
        case when is_second_twin then born_before_id end as twin_of
    from neighbours
)
select
    person_id,
    age_from,
    share_spouse_nin,
    cast(floor((date_diff('day', birth_date, today()) - 1) / 365.2425) as integer) as age,
    birth_date,
    twin_of,
    case when x_gender < share_female then 'kvinne' else 'mann' end as gender,
    has_d_number,
    case
        when status_without_d_number = 'bosatt' and has_d_number and u(person_id, 'inactive') < 0.4 then 'inaktiv'
        when status_without_d_number = 'bosatt' and has_d_number then 'midlertidig'
        else status_without_d_number
    end as status,
    case
        when x_civil < chance_unknown_civil then null
        -- Few marry before they are twenty, and nobody before eighteen.
        when y_civil < marital_status_1 or age < 20 then 'ugift'
        when y_civil < marital_status_1 + marital_status_2 then 'gift'
        when y_civil < marital_status_1 + marital_status_2 + marital_status_3 then 'enkeEllerEnkemann'
        when y_civil < marital_status_1 + marital_status_2 + marital_status_3 + marital_status_4 then 'skilt'
        when y_civil < marital_status_1 + marital_status_2 + marital_status_3 + marital_status_4 + marital_status_5
            then 'separert'
        when y_civil < persons - marital_status_0 - marital_status_7 - marital_status_8 - marital_status_9
            then 'registrertPartner'
        when y_civil < persons - marital_status_0 - marital_status_8 - marital_status_9 then 'separertPartner'
        when y_civil < persons - marital_status_0 - marital_status_9 then 'skiltPartner'
        else 'gjenlevendePartner'
    end as sivilstand,
    had_d_number,
    is_immigrant,
    mother_is_known,
    father_is_known
from twinned;
