-- The register as of a day. The macros have the parameter `shown_on`, a date: what PREG showed at the end of that day
-- in Oslo, by the rules and with the Matrikkel of the release. Before the first document of a record that was ever
-- delivered, nothing is known of it.

create or replace macro preg_state_as_of(shown_on) as table
    select *
    from preg_state
    where
        shown_from < timezone('Europe/Oslo', cast(cast(shown_on as date) + 1 as timestamp))
        and (shown_to is null or shown_to >= timezone('Europe/Oslo', cast(cast(shown_on as date) + 1 as timestamp)));

create or replace macro preg_person_as_of(shown_on) as table
    select preg_person.*
    from preg_person
    where nin in (select nin from preg_state_as_of(shown_on) where is_present)
    union all
    select preg_person_earlier.* exclude (sequence_number, person_nin)
    from preg_person_earlier
    inner join preg_state_as_of(shown_on) using (nin, sequence_number);

create or replace macro preg_address_as_of(shown_on) as table
    select preg_address.*
    from preg_address
    where nin in (select nin from preg_state_as_of(shown_on) where is_present)
    union all
    select preg_address_earlier.* exclude (sequence_number, person_nin)
    from preg_address_earlier
    inner join preg_state_as_of(shown_on) using (nin, sequence_number);

comment on macro table preg_state_as_of is 'The states that PREG showed at the end of a day in Oslo: the rows of preg_state.';
comment on macro table preg_person_as_of is 'The persons as PREG showed them at the end of a day in Oslo: the columns of preg_person.';
comment on macro table preg_address_as_of is
    'The addresses as PREG showed them at the end of a day in Oslo: the columns of preg_address.';
