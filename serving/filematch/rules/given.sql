-- What a row says, made comparable. `told` has a row's texts by role, `washed_on` the day of the release.

-- Of a number only the digits count; a spreadsheet may have made 1815700143.0 of it.
create macro number_digits(told) as
    case
        when length(told) = 11 and try_cast(told as bigint) is not null then told
        else regexp_replace(regexp_replace(trim(told), '\.0$', ''), '[\s .\-]', '', 'g')
    end;

-- A day in any of the forms that registers have: 1980-12-31, 31.12.1980, 31/12/80, 19801231, 31121980, 311280, also with
-- a time behind it. Of a year of two digits the later century that is not after the release.
create macro day_text(told) as regexp_replace(trim(told), '[T ].*$', '');
create macro day_parts(told) as
    case
        when regexp_full_match(told, '\d{4}[-./]\d{1,2}[-./]\d{1,2}')
            then list_reverse(regexp_split_to_array(told, '[-./]'))
        when regexp_full_match(told, '\d{1,2}[-./]\d{1,2}[-./](\d{4}|\d{2})') then regexp_split_to_array(told, '[-./]')
        when regexp_full_match(told, '(18|19|20)\d{2}(0[1-9]|1[0-2])\d{2}') then [told[7:8], told[5:6], told[1:4]]
        when regexp_full_match(told, '\d{7,8}')
            then [lpad(told, 8, '0')[1:2], lpad(told, 8, '0')[3:4], lpad(told, 8, '0')[5:8]]
        when regexp_full_match(told, '\d{5,6}')
            then [lpad(told, 6, '0')[1:2], lpad(told, 6, '0')[3:4], lpad(told, 6, '0')[5:6]]
    end;
create macro day_in_century(parts, century) as
    try_cast(
        case when length(parts[3]) = 4 then parts[3] else century || parts[3] end
        || '-' || lpad(parts[2], 2, '0') || '-' || lpad(parts[1], 2, '0') as date
    );

create table told_day as
    with spelt as (
        select distinct birth_date as spelling, day_parts(day_text(birth_date)) as parts
        from told
        where birth_date is not null
    ),

    possible as (
        select
            spelling,
            length(parts[3]) = 2 as is_short,
            day_in_century(parts, '19') as earlier,
            day_in_century(parts, '20') as later
        from spelt
    )

    select
        spelling,
        case
            when is_short and coalesce(later > (select day from washed_on), true) then earlier
            else later
        end as born,
        -- Who is more than a hundred has the same two digits.
        case when is_short and later <= (select day from washed_on) then earlier end as born_other
    from possible
    where earlier between date '1800-01-01' and (select day from washed_on)
        or later between date '1800-01-01' and (select day from washed_on);

-- The names of a row; of a whole name what is before a comma, or the last word, is the family name.
create table given as
    with split as (
        select
            row,
            unreadable,
            number_digits(number) as digits,
            birth_date,
            coalesce(
                given_name,
                case when name like '%,%' then trim(regexp_replace(name, '^[^,]*,', ''))
                    else nullif(trim(regexp_replace(trim(name), '\s*\S+$', '')), '') end
            ) as given_name,
            middle_name,
            coalesce(
                family_name,
                case when name like '%,%' then trim(regexp_extract(name, '^[^,]*'))
                    else regexp_extract(trim(name), '\S+$') end
            ) as family_name,
            case
                when lower(trim(gender)) in ('k', 'kvinne', 'f', 'female', 'w', 'woman', '0', '2') then 0
                when lower(trim(gender)) in ('m', 'mann', 'male', 'man', '1') then 1
            end as gender,
            street,
            coalesce(
                lpad(nullif(regexp_extract(postal_code, '^(\d{3,4})(\.0)?$', 1), ''), 4, '0'), postal_code
            ) as postal_code
        from told
    ),

    -- A number that somebody has is one: its check digits need not be computed.
    checked as materialized (
        select
            split.*,
            case
                when coalesce(split.digits, '') = '' then 'blank'
                when person_number.number is not null then 'valid'
                when length(split.digits) = 10
                    then case when is_number('0' || split.digits) then 'leading_zero_restored' else 'invalid' end
                when length(split.digits) = 11 then case when is_number(split.digits) then 'valid' else 'invalid' end
                else 'invalid'
            end as number_check
        from split
        left join person_number on split.digits = person_number.number
    )

    select
        split.row,
        split.unreadable,
        split.number_check,
        case split.number_check
            when 'valid' then split.digits
            when 'leading_zero_restored' then '0' || split.digits
        end as number,
        nullif(trim(split.given_name), '') as given_name,
        nullif(trim(split.middle_name), '') as middle_name,
        nullif(trim(split.family_name), '') as family_name,
        told_day.born,
        told_day.born_other,
        split.birth_date is not null and told_day.born is null as is_day_unreadable,
        split.gender,
        nullif(trim(split.street), '') as street,
        nullif(split.postal_code, '') as postal_code
    from checked as split
    left join told_day on split.birth_date = told_day.spelling;
