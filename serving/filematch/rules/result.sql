-- A row of the result for every row of the file: what it is, and by what.
create table matched as
    select
        given.row,
        case
            when given.unreadable is not null then 'unreadable'
            when contradiction.is_another then 'number_contradicted'
            else coalesce(by_number.status, by_name.status, 'none')
        end as status,
        coalesce(by_number.nin, by_name.nin) as nin,
        round(by_name.score, 4) as score,
        case
            when given.unreadable is not null then null
            when given.number_check in ('valid', 'leading_zero_restored') and by_number.row is null
                then 'not_in_register'
            else given.number_check
        end as number_check,
        contradiction.contradicts,
        concat_ws(
            '; ', given.unreadable, case when given.is_day_unreadable then 'the birth date is no day' end
        ) as remark
    from given
    left join by_number using (row)
    left join contradiction using (row)
    left join by_name using (row);
