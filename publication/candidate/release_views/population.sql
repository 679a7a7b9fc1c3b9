-- How many live where, by age and gender: residents (RegStatus 1) with an address that is not hidden, in their kommune,
-- bydel and grunnkrets of today. on_day: the day for which ages are computed; without it, that of the newest document.
--
-- Counts are rounded to the nearest multiple of `smallest` (5 or more), and blank below it: no small count is disclosed,
-- and none follows from the count of a kommune or bydel less those of its parts.
create or replace macro population_statistics(on_day := null, smallest := 5) as table
    with day as (
        select coalesce(cast(on_day as date), (select max(cast(shown_from as date)) from preg_state)) as counted_on
    ),

    residents as (
        select
            preg_address.present_st as kommune,
            preg_address.district_code as bydel,
            preg_address.grunnkrets_number as grunnkrets,
            preg_person.gender,
            date_part('year', age(day.counted_on, preg_person.date_of_birth)) // 5 * 5 as age_from
        from preg_address
        inner join preg_person using (nin)
        cross join day
        where
            preg_address.current_address
            and preg_address.address_type = 'bostedsadresse'
            and preg_address.enrichment_method <> 'hidden'
            and preg_address.present_st is not null
            and preg_person.reg_status = 1
            and preg_person.date_of_birth <= day.counted_on
    ),

    counted as (
        select
            case
                when grouping(grunnkrets) = 0 then 'grunnkrets' when grouping(bydel) = 0 then 'bydel' else 'kommune'
            end as area_kind,
            case
                when grouping(grunnkrets) = 0 then grunnkrets when grouping(bydel) = 0 then bydel else kommune
            end as area_number,
            cast(age_from as integer) as age_from,
            gender,
            count(*) as persons
        from residents
        group by grouping sets (
            (kommune, age_from, gender), (bydel, age_from, gender), (grunnkrets, age_from, gender)
        )
    )

    select
        area_kind,
        area_number,
        age_from,
        age_from + 4 as age_to,
        gender,
        case when persons >= greatest(smallest, 5)
                then cast(round(persons / greatest(smallest, 5)) * greatest(smallest, 5) as bigint) end as persons
    from counted
    where area_number is not null
    order by area_kind desc, area_number, age_from, gender;

comment on macro table population_statistics is
    'Residents by kommune, bydel and grunnkrets, five years of age and gender; counts rounded to `smallest` (5 or more), blank below.';
