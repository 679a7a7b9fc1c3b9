-- Names by frequency: tables of slots, so that a name is drawn by one join on a slot number.

-- Given names by decade of birth (0: until 1909): those that were common at the time, and some of all the others.
create or replace table given_name_slot as
with counted as (
    select 'kvinne' as gender, navn, antall from read_csv('{reference}/fornavn_kvinner.csv')
    union all
    select 'mann' as gender, navn, antall from read_csv('{reference}/fornavn_menn.csv')
),
common as (
    select kjoenn as gender, cast(aar as integer) as born, unnest(string_split(navn, ' ')) as navn
    from read_csv('{reference}/fornavn_tider.csv', all_varchar = true)
),
decade as (
    select unnest(range(13)) as decade
),
closeness as (
    select gender, navn, decade, sum(exp(-pow((1905 + 10 * decade - born) / 8, 2))) as closeness
    from common, decade
    group by all
),
weighted as (
    select
        counted.gender,
        decade.decade,
        counted.navn,
        -- Whole numbers: sums of them leave no gap between slots.
        cast(1 + counted.antall * 100 * coalesce(0.01 + closeness.closeness, 0.08) as bigint) as weight
    from counted
    cross join decade
    left join closeness using (gender, navn, decade)
),
placed as (
    select
        *,
        sum(weight) over (partition by gender, decade order by weight desc, navn) as upper_bound,
        sum(weight) over (partition by gender, decade) as total
    from weighted
)
select gender, decade, navn, unnest(range(
    cast(floor((upper_bound - weight) * 4096 / total) as bigint),
    cast(floor(upper_bound * 4096 / total) as bigint)
)) as slot
from placed;

create or replace macro decade_of(birth_date) as least(12, greatest(0, (year(birth_date) - 1900) // 10));

create or replace table family_name_slot as
with placed as (
    select
        navn,
        antall,
        sum(antall) over (order by antall desc, navn) as upper_bound,
        sum(antall) over () as total
    from read_csv('{reference}/etternavn.csv')
)
select navn, unnest(range(
    cast(floor((upper_bound - antall) * 16384 / total) as bigint),
    cast(floor(upper_bound * 16384 / total) as bigint)
)) as slot
from placed;

-- Names of people who come from a country, and of Sámi.
create or replace table names_of_country as
select
    land,
    string_split(kvinner, ' ') as kvinner,
    string_split(menn, ' ') as menn,
    list_transform(string_split(etternavn, ' '), lambda name: replace(name, '_', ' ')) as etternavn
from read_csv('{reference}/navn_fra_land.csv', all_varchar = true);
