-- How many live where: residents (RegStatus 1) with an address that is not hidden, in their kommune, bydel and grunnkrets
-- of today. on_day: the day for which ages are computed; without it, that of the newest document.
--
-- Counts are rounded to the nearest multiple of `smallest` (5 or more), and blank below it: no small count is disclosed,
-- and none follows from the count of a kommune or bydel less those of its parts. That holds for one answer: answers with
-- several values of `smallest`, held together, tell a count exactly. What is given away is one of them.

create or replace view area_name as
    select 'kommune' as area_kind, present_st as area_number, min(municipality) as area_name
    from preg_address
    where st = present_st and municipality is not null
    group by present_st
    union all
    select 'bydel' as area_kind, district_code as area_number, min(district_name) as area_name
    from preg_address
    where district_code is not null
    group by district_code
    union all
    select 'grunnkrets' as area_kind, grunnkrets_number as area_number, min(grunnkrets_name) as area_name
    from preg_address
    where grunnkrets_number is not null
    group by grunnkrets_number;

comment on view area_name is 'One row per kommune, bydel and grunnkrets of an address, with its name.';
comment on column area_name.area_kind is 'kommune, bydel or grunnkrets.';
comment on column area_name.area_number is 'Its number: four, six or eight digits.';
comment on column area_name.area_name is 'What it is called.';

create or replace macro population_statistics(on_day := null, smallest := 5) as table
    with day as (
        select coalesce(cast(on_day as date), (select max(cast(shown_from as date)) from preg_state)) as counted_on
    ),

    residents as (
        select
            present_st as kommune,
            district_code as bydel,
            grunnkrets_number as grunnkrets,
            gender,
            date_part('year', age(day.counted_on, date_of_birth)) // 5 * 5 as age_from
        from resident_address
        cross join day
        where present_st is not null and date_of_birth <= day.counted_on
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
        area_name.area_name,
        age_from,
        age_from + 4 as age_to,
        gender,
        case when persons >= greatest(smallest, 5)
                then cast(round(persons / greatest(smallest, 5)) * greatest(smallest, 5) as bigint) end as persons
    from counted
    left join area_name using (area_kind, area_number)
    where area_number is not null
    order by area_kind desc, area_number, age_from, gender;

comment on macro table population_statistics is
    'Residents by kommune, bydel and grunnkrets, five years of age and gender; counts rounded to `smallest` (5 or more), blank below.';

create or replace macro population(smallest := 5) as table
    with residents as (
        select present_st as kommune, district_code as bydel, grunnkrets_number as grunnkrets, gender
        from resident_address
        where present_st is not null
    ),

    counted as (
        select
            case
                when grouping(kommune) = 0 then 'kommune'
                when grouping(bydel) = 0 then 'bydel'
                when grouping(grunnkrets) = 0 then 'grunnkrets'
                else 'country'
            end as area_kind,
            case
                when grouping(kommune) = 0 then kommune
                when grouping(bydel) = 0 then bydel
                when grouping(grunnkrets) = 0 then grunnkrets
            end as area_number,
            [
                count(*) filter (where gender = 0),
                count(*) filter (where gender = 1),
                count(*)
            ] as counts
        from residents
        group by grouping sets ((kommune), (bydel), (grunnkrets), ())
    ),

    rounded as (
        select
            * exclude (counts),
            [
                case when each >= greatest(smallest, 5)
                        then cast(round(each / greatest(smallest, 5)) * greatest(smallest, 5) as bigint) end
                for each in counts
            ] as counts
        from counted
    )

    select
        area_kind,
        area_number,
        area_name.area_name,
        counts[1] as women,
        counts[2] as men,
        counts[3] as persons
    from rounded
    left join area_name using (area_kind, area_number)
    where area_number is not null or area_kind = 'country'
    order by area_kind = 'country' desc, area_kind desc, area_number;

comment on macro table population is
    'Residents of the country and of each kommune, bydel and grunnkrets, with its name: women, men and all; counts rounded to `smallest` (5 or more), blank below.';
