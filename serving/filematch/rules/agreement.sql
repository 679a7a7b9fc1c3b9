-- Where what a row says besides its number is not the person's: the number may be another one's.

-- Rows of which something is not written as the register has it.
create table differing as
    select
        by_number.row,
        given.given_name,
        given.middle_name,
        given.family_name,
        person.given_name as person_given_name,
        person.middle_name as person_middle_name,
        person.sn as person_sn,
        person.maiden_name as person_maiden_name,
        coalesce(
            person.date_of_birth not in (given.born, coalesce(given.born_other, given.born)), false
        ) as born_differs
    from by_number
    inner join given using (row)
    inner join preg_person as person using (nin)
    where
        lower(given.given_name) <> lower(person.given_name)
        or lower(given.family_name) <> lower(person.sn)
        or person.date_of_birth not in (given.born, coalesce(given.born_other, given.born));

-- The words of every name that is compared, and, behind ~, as they sound: once per spelling. A letter alone is no word.
create table spelling as
    with spelt as (
        select distinct text
        from (
            unpivot (select * exclude (row, born_differs) from differing)
            on columns(*) into name part value text
        )
    ),

    split as (
        select text, list_filter(string_split(folded_name(text), ' '), lambda word: length(word) > 1) as words
        from spelt
    )

    select
        text,
        words || list_filter(list_transform(words, lambda word: '~' || phonetic_key(word)), lambda key: key is not null)
            as words
    from split;

-- A given name is the person's when a word of it is a word of the given or middle name, as written or as it sounds; a
-- family name when one is of the family, middle or maiden name. What is blank on one side contradicts nothing.
create table contradiction as
    with words as (
        select
            differing.row,
            differing.born_differs,
            given.words as given,
            family.words as family,
            coalesce(person_given.words, []) || coalesce(person_middle.words, []) as person_given,
            coalesce(person_sn.words, []) || coalesce(person_middle.words, []) || coalesce(person_maiden.words, [])
                as person_family
        from differing
        left join spelling as given on differing.given_name = given.text
        left join spelling as family on differing.family_name = family.text
        left join spelling as person_given on differing.person_given_name = person_given.text
        left join spelling as person_middle on differing.person_middle_name = person_middle.text
        left join spelling as person_sn on differing.person_sn = person_sn.text
        left join spelling as person_maiden on differing.person_maiden_name = person_maiden.text
    ),

    found as (
        select
            row,
            born_differs,
            coalesce(len(given) > 0 and len(person_given) > 0 and not list_has_any(given, person_given), false)
                as given_differs,
            coalesce(len(family) > 0 and len(person_family) > 0 and not list_has_any(family, person_family), false)
                as family_differs
        from words
    )

    select
        row,
        concat_ws(
            ', ',
            case when born_differs then 'birth_date' end,
            case when given_differs then 'given_name' end,
            case when family_differs then 'family_name' end
        ) as contradicts,
        -- A family name changes; another given name or another day of birth is another person's.
        born_differs or given_differs as is_another
    from found
    where born_differs or given_differs or family_differs;
