-- How names that are spelt differently are told to be alike. The services ask for names by these, too.

-- A name in small letters without marks, å as aa, æ as ae, ø as oe, ß as ss, þ as th, the letters of Sámi and Polish that
-- no mark can be taken from as those they are made of; without apostrophes, with single blanks for blanks, hyphens, commas
-- and points.
create or replace macro folded_name(name) as
    regexp_replace(
        trim(translate(
            strip_accents(replace(replace(replace(replace(replace(replace(replace(
                lower(nfc_normalize(name)), 'å', 'aa'), 'æ', 'ae'), 'ä', 'ae'), 'ø', 'oe'), 'ö', 'oe'), 'ß', 'ss'),
                'þ', 'th')),
            'łđðŋŧħı''’`', 'lddnthi'
        )),
        '[\s,.-]+', ' ', 'g'
    );

-- One letter for letters that sound alike in Norwegian names: ch, ck, c and q as k (c before e, i, y as s), w and hv as
-- v, z as s, x as ks, th and dt as t, ph as f; hj and gj as j and kj and tj as k in front; no d after l, n or r at the
-- end or before s; å as o, æ as e.
create or replace macro letters_by_sound(word) as
    replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
            folded_name(word),
            'aa', 'o'), 'ae', 'e'), 'oe', 'o'), 'sch', 'sk'), 'ck', 'k'), 'ch', 'k'), 'ph', 'f'), 'th', 't'),
            'dt', 't'), 'qu', 'kv'), 'q', 'k'), 'x', 'ks'), 'w', 'v'), 'z', 's'),
        'c([eiy])', 's\1', 'g'),
        '^(hj|gj)', 'j'),
        '^(kj|tj)', 'k'),
        '^hv', 'v'),
        '([lnr])d(s|$)', '\1\2', 'g'),
        'c', 'k');

-- A text with one letter where a consonant is doubled.
create or replace macro without_doubles(word) as
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        word, 'bb', 'b'), 'dd', 'd'), 'ff', 'f'), 'gg', 'g'), 'kk', 'k'), 'll', 'l'), 'mm', 'm'), 'nn', 'n'),
        'pp', 'p'), 'rr', 'r'), 'ss', 's'), 'tt', 't'), 'vv', 'v');

-- What a word of a name sounds like: its letters by sound, after the first without vowels, h and j, and single.
-- Kristian and Christian have one key; so have Bjørn and Bjoern, Thorsen and Torson, Wiik and Vik. NULL without letters.
create or replace macro phonetic_key(word) as
    nullif(
        without_doubles(regexp_replace(
            substring(letters_by_sound(word), 1, 1)
            || regexp_replace(substring(letters_by_sound(word), 2), '[aeiouyhj]', '', 'g'),
            '[^a-z]', '', 'g'
        )),
        ''
    );

comment on macro folded_name is 'A name in small letters without marks; å as aa, æ as ae, ø as oe.';
comment on macro letters_by_sound is 'A folded word with letters that sound alike written alike: a step of phonetic_key.';
comment on macro without_doubles is 'A word with each letter once where it comes twice: a step of phonetic_key.';
comment on macro phonetic_key is 'What a word of a name sounds like in Norwegian.';
