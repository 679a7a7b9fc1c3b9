-- Rows and persons side by side, as the model compares them (`model.json`): names folded as everywhere
-- (release_views/name_spelling.sql), days as eight digits, streets without what stands behind a comma.

create table nameless_number as
    select given.*
    from given
    left join by_number using (row)
    where
        by_number.row is null
        and given.unreadable is null
        and given.born is not null
        and coalesce(given.given_name, given.family_name) is not null;

create table name_spelling as
    with spelt as (
        select given_name as text from nameless_number
        union select middle_name from nameless_number
        union select family_name from nameless_number
        union select given_name from preg_person
        union select middle_name from preg_person
        union select sn from preg_person
        union select maiden_name from preg_person
    ),

    split as (select text, string_split(folded_name(text), ' ') as words from spelt where text is not null)

    select
        text,
        array_to_string(words, ' ') as folded,
        words,
        phonetic_key(words[1]) as first_sound,
        phonetic_key(words[-1]) as last_sound
    from split;

create macro street_text(told) as nullif(folded_name(regexp_extract(told, '^[^,]*')), '');
create macro street_without_house(told) as nullif(regexp_replace(told, ' \d+ ?[a-z]?$', ''), '');

create table person_address as
    select nin, postal_code, street_text(postal_address) as street
    from preg_address
    where current_address and postal_code is not null;

create macro comparable(persons) as table
    select
        persons.unique_id,
        given.folded as given,
        given.words[1] as given_first,
        given.first_sound as given_sound,
        coalesce(given.words, []) || coalesce(middle.words, []) as given_words,
        middle.folded as middle,
        family.folded as family,
        family.last_sound as family_sound,
        coalesce(family.words, []) || coalesce(middle.words, []) || coalesce(maiden.words, []) as family_words,
        strftime(persons.born, '%Y%m%d') as born,
        strftime(persons.born_other, '%Y%m%d') as born_other,
        year(persons.born) as born_year,
        persons.gender,
        persons.postal_code,
        persons.street,
        street_without_house(persons.street) as street_name
    from query_table(persons) as persons
    left join name_spelling as given on persons.given_name = given.text
    left join name_spelling as middle on persons.middle_name = middle.text
    left join name_spelling as family on persons.family_name = family.text
    left join name_spelling as maiden on persons.maiden_name = maiden.text;

create view row_to_compare as
    select
        cast(row as varchar) as unique_id,
        given_name,
        middle_name,
        family_name,
        cast(null as varchar) as maiden_name,
        born,
        born_other,
        gender,
        postal_code,
        street_text(street) as street
    from nameless_number;

create view person_to_compare as
    select
        person.nin as unique_id,
        person.given_name,
        person.middle_name,
        person.sn as family_name,
        person.maiden_name,
        person.date_of_birth as born,
        cast(null as date) as born_other,
        person.gender,
        person_address.postal_code,
        person_address.street
    from preg_person as person
    left join person_address using (nin);

create table compared_row as select * from comparable('row_to_compare');
create table compared_person as select * from comparable('person_to_compare');

-- How often a name is among the persons: two who have a rare one in common are more surely the same.
create table tf_given as
    select given, count(*) / sum(count(*)) over () as tf_given from compared_person where given is not null group by given;
create table tf_family as
    select family, count(*) / sum(count(*)) over () as tf_family
    from compared_person
    where family is not null
    group by family;
