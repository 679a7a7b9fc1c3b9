-- Names by frequency: a table of slots, so that a name is drawn by one join on a slot number.
create or replace table name_slot as
with counted as (
    select 'kvinne' as kind, navn, antall from read_csv('{reference}/fornavn_kvinner.csv')
    union all
    select 'mann' as kind, navn, antall from read_csv('{reference}/fornavn_menn.csv')
    union all
    select 'etternavn' as kind, navn, antall from read_csv('{reference}/etternavn.csv')
),
placed as (
    select
        kind,
        navn,
        sum(antall) over (partition by kind order by antall desc, navn) as upper_bound,
        antall,
        sum(antall) over (partition by kind) as total
    from counted
)
select kind, navn, unnest(range(
    cast(floor((upper_bound - antall) * 16384 / total) as bigint),
    cast(floor(upper_bound * 16384 / total) as bigint)
)) as slot
from placed;
