-- Numbers: valid check digits, the ninth digit even for women, the century in the serial, month + 80 (synthetic).
-- A person may hold two: the current one and the D-number before it. A dublett is a second record of a person.
create or replace table dublett as
with chosen as (
    select person_id
    from person_core
    where status = 'bosatt' and not has_d_number and not had_d_number
    qualify row_number() over (order by u(person_id, 'dublett')) <= greatest(4, {persons} // 5000)
)
select person_id, {persons} + row_number() over (order by person_id) - 1 as dublett_id
from chosen;

-- Who needs a number; `given_number` gives each of them the next that is free on the day.
create or replace table number_wanted as
select person_id, person_id as owner_id, 'current' as use, birth_date, gender, has_d_number as is_d_number
from person_core
union all
select person_id, person_id as owner_id, 'former' as use, birth_date, gender, true as is_d_number
from person_core
where had_d_number
union all
select dublett_id as person_id, person_id as owner_id, 'dublett' as use, birth_date, gender, false as is_d_number
from dublett
inner join person_core using (person_id)
union all
-- For those whom Persontjenesten knows and Freg does not. (Newborns get theirs on the day.)
select -1 - range as person_id, -1 - range as owner_id, 'reserve' as use, today() as birth_date,
    case range % 2 when 0 then 'kvinne' else 'mann' end as gender, false as is_d_number
from range(10 + {persons} // 2500)
union all
select person_id, person_id as owner_id, 'settled' as use, birth_date, gender, false as is_d_number
from person_core
where has_d_number and status = 'midlertidig'
union all
-- Spouses who are not in the register themselves.
select -1000000000 - person_id as person_id, person_id as owner_id, 'outside' as use,
    least(
        days_after(birth_date, (pick(person_id, 'spouse born', 3000) - 500) * case gender when 'kvinne' then -1 else 1 end),
        days_after(today(), -7000)
    ) as birth_date,
    case gender when 'kvinne' then 'mann' else 'kvinne' end as gender, false as is_d_number
from outside_spouse
inner join person_core using (person_id)
union all
select -2000000000 - owner_id as person_id, owner_id, use, birth_date, gender, false as is_d_number
from outside_parent
-- Who was dead before there were numbers has none.
where year(birth_date) >= 1870
union all
-- A number found to be wrong is corrected to a new one.
select person_id, person_id as owner_id, 'corrected' as use, birth_date, gender, false as is_d_number
from person_core
where status = 'bosatt' and not has_d_number and u(person_id, 'number is wrong') < greatest(0.002, 20.0 / {persons});

create or replace view given_number as
with ranked as (
    select
        *,
        row_number() over (partition by birth_date, gender, is_d_number order by person_id, use) as n
    from number_wanted
),
dates as (
    select birth_date, gender, is_d_number, max(n) as wanted
    from ranked
    group by all
),
serials as (
    select
        birth_date,
        gender,
        is_d_number,
        -- 1854-1899: 500-749; 1900-1999: 000-499, then 900-999 from 1940; 2000-2039: 500-999.
        case
            when year(birth_date) < 1900 then 500
            when year(birth_date) < 2000 then 0
            else 500
        end + 2 * series.n + case gender when 'mann' then 1 else 0 end as serial_below_limit,
        case
            when year(birth_date) between 1940 and 1999 and serial_below_limit > 499 then serial_below_limit + 400
            else serial_below_limit
        end as serial,
        cast(strftime(birth_date, '%d') as integer) + case when is_d_number then 40 else 0 end as dd,
        cast(strftime(birth_date, '%m') as integer) + 80 as mm,
        year(birth_date) % 100 as yy
    from dates, lateral (select unnest(range(least(cast(wanted * 1.5 as bigint) + 12, 300))) as n) as series
),
checked as (
    select
        *,
        11 - (3 * (dd // 10) + 7 * (dd % 10) + 6 * (mm // 10) + 1 * (mm % 10) + 8 * (yy // 10) + 9 * (yy % 10)
            + 4 * (serial // 100) + 5 * (serial // 10 % 10) + 2 * (serial % 10)) % 11 as k1_before,
        case when k1_before = 11 then 0 else k1_before end as k1,
        11 - (5 * (dd // 10) + 4 * (dd % 10) + 3 * (mm // 10) + 2 * (mm % 10) + 7 * (yy // 10) + 6 * (yy % 10)
            + 5 * (serial // 100) + 4 * (serial // 10 % 10) + 3 * (serial % 10) + 2 * k1) % 11 as k2_before,
        case when k2_before = 11 then 0 else k2_before end as k2
    from serials
    where serial <= 999 and (year(birth_date) >= 1900 or serial <= 749)
),
valid as (
    select
        birth_date,
        gender,
        is_d_number,
        lpad(dd::varchar, 2, '0') || mm || lpad(yy::varchar, 2, '0') || lpad(serial::varchar, 3, '0') || k1 || k2
            as number,
        row_number() over (partition by birth_date, gender, is_d_number order by serial) as n
    from checked
    where k1 < 10 and k2 < 10
)
select ranked.person_id, ranked.owner_id, ranked.use, ranked.birth_date, ranked.gender, valid.number
from ranked
inner join valid using (birth_date, gender, is_d_number, n);

create or replace table number_holder as
select * from given_number;
