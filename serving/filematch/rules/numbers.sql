-- Who a row is by its number, as the profile may know. person_number has every number that leads to a person; a profile
-- that receives no former numbers sees the present ones alone. `help_link` has the help numbers, linked or not.
create table by_number as
    select
        given.row,
        person_number.nin,
        case when person_number.nin = given.number then 'exact_number' else 'replaced_number' end as status
    from given
    inner join person_number on given.number = person_number.number
    where given.unreadable is null

    union all

    select given.row, person_number.nin, case when person_number.nin is null then 'help_number' else 'help_number_linked' end
    from given
    inner join help_link on given.number = help_link.number
    left join person_number on help_link.linked_to = person_number.number
    where given.unreadable is null;
