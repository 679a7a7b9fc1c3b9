-- Looking for persons by name, however it is spelt. Every name is folded and keyed once, not once a person.

-- One row per word of a name of a person; `part` is the column of preg_person that it is in.
create or replace view person_name_word as
    with names as (
        unpivot (select nin, given_name, middle_name, sn, maiden_name from preg_person)
        on given_name, middle_name, sn, maiden_name
        into name part value spelling
    ),

    words as (
        select spelling, unnest(list_distinct(string_split(folded_name(spelling), ' '))) as word
        from (select distinct spelling from names)
    ),

    keys as (
        select word, phonetic_key(word) as phonetic_key
        from (select distinct word from words)
    )

    select names.nin, names.part, words.word, keys.phonetic_key
    from names
    inner join words using (spelling)
    inner join keys using (word)
    where words.word <> '';

comment on view person_name_word is 'One row per word of a name of a person.';
comment on column person_name_word.nin is 'The person''s number.';
comment on column person_name_word.part is 'given_name, middle_name, sn or maiden_name of preg_person.';
comment on column person_name_word.word is 'The word in small letters without marks; å as aa, æ as ae, ø as oe.';
comment on column person_name_word.phonetic_key is 'What the word sounds like; equal for spellings that sound alike.';

-- Persons who have every word of `name` in one of their names, as it sounds, in any order; of those who are born
-- on `born`, if it is given. `words_as_written` counts the words that are spelt as sought: the surest come first.
create or replace macro person_search(name, born := null) as table
    with sought as (
        select distinct word, phonetic_key(word) as phonetic_key
        from (select unnest(string_split(folded_name(name), ' ')) as word)
        where word <> ''
    ),

    found as (
        select
            person_name_word.nin,
            count(distinct sought.word) as words,
            count(distinct case when person_name_word.word = sought.word then sought.word end) as words_as_written
        from person_name_word
        inner join sought using (phonetic_key)
        group by person_name_word.nin
    )

    select found.words_as_written, preg_person.*
    from preg_person
    inner join found using (nin)
    where
        found.words = (select count(*) from sought)
        and (born is null or preg_person.date_of_birth = cast(born as date))
    order by found.words_as_written desc, preg_person.sn, preg_person.given_name, preg_person.nin;

comment on macro table person_search is
    'Persons who have every word of `name` in one of their names, as it sounds; `born` (a date) narrows it down.';
