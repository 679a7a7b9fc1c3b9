{#-
    Which addresses are one place, however each of them is written: two addresses with a key in common (`place.keys`) are, or
    may be, the same house; with dwelling numbers that do not contradict each other, the same dwelling. In doubt they are
    (docs/protection.md). Functions of the schema `place` (`create_functions`, macros/functions.sql).
-#}
{% macro place_functions() -%}
-- Small letters; what looks like a Latin letter (Cyrillic, Greek, of full width), or is written as one where a
-- keyboard lacks it (Sámi, Polish, Icelandic), as that letter; digits of other scripts as digits; without signs that
-- have no width. Most texts have none of these: translating is slow.
create or replace macro place.latin_letters(given) as
    list_transform([lower(given)], lambda small: case
        when regexp_matches(small, '[^\x00-\xAC\xAE-\xDE\xE0-\xEF\xF1-\xFF]')
            then replace(translate(
                regexp_replace(small, '[\xAD\x{200B}-\x{200F}\x{2060}\x{FEFF}]', '', 'g'),
                'авекмнорстухіјѕԁɡһԛԝαβεικνορτυχłđŋŧðıａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹①②③④⑤⑥⑦⑧⑨',
                'abekmhopctyxijsdghqwabeikvoptuxldntdiabcdefghijklmnopqrstuvwxyz012345678901234567890123456789123456789' -- pragma: allowlist secret
            ), 'ß', 'ss')
        else small
    end)[1];

-- Letters without marks, composed or not.
create or replace macro place.plain_letters(given) as
    replace(replace(replace(strip_accents(place.latin_letters(given)), 'ø', 'o'), 'æ', 'ae'), 'oe', 'o');

-- One a for aa, å, ae, æ and ä; one o for oe, ø and ö.
create or replace macro place.one_spelling(letters) as
    regexp_replace(replace(replace(letters, 'ae', 'a'), 'oe', 'o'), 'a+', 'a', 'g');

-- Of plain letters and digits, without zeros in front, those alone, in one spelling: no blanks and signs.
create or replace macro place.bare_letters(plain) as
    place.one_spelling(
        regexp_replace(regexp_replace(plain, '\b0+(\d)', '\1', 'g'), '[^a-z0-9]', '', 'g')
    );

create or replace macro place.has_alphanumeric(given) as regexp_matches(given, '[\p{L}\p{N}]');

-- A text reduced so that spellings of one word are equal; a text in another script in small letters; NULL for signs
-- alone.
create or replace macro place.bare_place(given) as
    list_transform([given], lambda text: coalesce(
        nullif(place.bare_letters(place.plain_letters(text)), ''),
        case when place.has_alphanumeric(text) then lower(trim(text)) end
    ))[1];

-- Words of a street that are written in several ways, in one of them: Sankt and St., Nedre and N., Dronning and Dr.,
-- Nordregate and Nordre gate, gata and gt., veien and v.
create or replace macro place.street_words(plain) as
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        plain,
        '\bn(umme)?r\b', '', 'g'),
        '\b(nordre|nedre|sondre|ovre|ostre|vestre|nord|sor|ost|vest)(gat|gt|vei|veg|plass)', '\1 \2', 'g'),
        '\b(sankta?|sta?)\b', 'st', 'g'),
        '\b(kristian|christian|kr|chr)\b', 'kr', 'g'),
        '\b(nedre|nordre|ned|nord|n)\b', 'n', 'g'),
        '\b(ovre|ostre|ov|ost|o)\b', 'o', 'g'),
        '\b(sondre|sor|sdr|s)\b', 's', 'g'),
        '\b(vestre|vest|ve)\b', 've', 'g'),
        '\b(dronning|dronn|doktor|dr)\b', 'dr', 'g'),
        '\b(professor|prof|general|gen|president|pres|prinsesse|prins)\b', 'p', 'g'),
        '(gata|gaten|gate|gt|\bg)\b', 'gate', 'g'),
        '(veien|vegen|vei|veg|vn|v)\b', 'veg', 'g'),
        '(plassen|plass|pl)\b', 'plass', 'g'),
        '\b(alleen|alle|al)\b', 'alle', 'g');

-- The letters of a text in the order of the alphabet, then its digits: the same for Nedre Slottsgate and Slottsgate
-- Nedre, and for hardly any two streets of a kommune.
create or replace macro place.in_any_order(given) as
    list_transform([given], lambda text: nullif(
        array_to_string(list_sort(string_split(regexp_replace(text, '[0-9]', '', 'g'), '')), '')
        || regexp_replace(text, '[^0-9]', '', 'g'),
        ''
    ))[1];

create or replace macro place.street_letters(plain) as
    regexp_replace(
        place.bare_letters(place.street_words(plain)), '^(utenfast(adresse|bo[a-z]*)?|ukjent(adresse|bo[a-z]*)?)$', ''
    );

-- The name of a street, however it is spelt and in whatever order its words stand; in another script, as a text. What
-- stands behind a comma or a bracket is no street. NULL for what says that there is none.
create or replace macro place.bare_street(street_name) as
    list_transform([split_part(split_part(street_name, ',', 1), '(', 1)], lambda name: coalesce(
        place.in_any_order(place.street_letters(place.plain_letters(name))),
        case when not regexp_matches(name, '[0-9A-Za-z]') then place.bare_place(name) end
    ))[1];

-- House number and letter as one text without zeros in front: 05 and B, or 5B, as 5b; of several (5-7) the first; empty
-- where neither is known.
create or replace macro place.bare_house(house_number, house_letter) as
    ltrim(regexp_replace(
        coalesce(place.bare_place(regexp_replace(concat(house_number, house_letter), '([0-9]) *[-–/].*$', '\1')), ''),
        '^nr', ''
    ), '0');

create or replace macro place.plain_dwelling(given) as
    upper(regexp_replace(place.latin_letters(given), '[^a-z0-9]', '', 'g'));

-- The number of a dwelling in its one form, H0101, however it is written (H 0101, h101, HO101); NULL where it is not
-- known or is none (-, H0000).
create or replace macro place.dwelling_number(given) as
    list_transform([place.plain_dwelling(given)], lambda dwelling: case
        when regexp_full_match(dwelling, '[HKLU][0-9O]{3,4}') and not regexp_full_match(dwelling, '.[0O]+')
            then left(dwelling, 1) || lpad(replace(substr(dwelling, 2), 'O', '0'), 4, '0')
    end)[1];

-- The words of a name, at most forty, without what stands before it in an address (c/o, v/, att.): the same for Kari
-- Nordmann, NORDMANN, KARI and c/o fru Kari Nordmann, 2.
create or replace macro place.words_of_name(given) as
    list_distinct(list_transform(
        list_filter(
            string_split_regex(
                regexp_replace(place.plain_letters(given), '(^|[^a-z])(c ?/ ?o\b|v ?/)', ' ', 'g'), '[^a-z0-9]+'
            ),
            lambda word: regexp_full_match(word, '[a-z]+')
                and word not in ('co', 'ved', 'att', 'attn', 'hos', 'fru', 'fam', 'familien', 'mor', 'far', 'etg', 'og')
        ),
        lambda word: place.one_spelling(word)
    ))[:40];

-- A key of each word of one list with each of another.
create or replace macro place.keys_of_words(words, others) as
    flatten(list_transform([others], lambda all_others: flatten(list_transform(words, lambda word: list_transform(
        all_others, lambda other: 'co|' || least(word, other) || ' ' || greatest(word, other)
    )))));

-- The keys of the persons whose name a text may have: any two of its words.
create or replace macro place.keys_of_name(given) as
    flatten(list_transform([place.words_of_name(given)], lambda words: place.keys_of_words(words, words)));

-- Whether a text says that a name follows: c/o, v/, hos, att.
create or replace macro place.has_care_of(text) as
    regexp_matches(text, '(?i)(^|[^\p{L}])(c ?/ ?o\b|v ?/|att[n. :]|hos |ved )');

-- The keys of the names that lines may be, each or all together. A letter alone is a name only where a line says so.
create or replace macro place.names_in_lines(lines) as
    list_concat(
        flatten(list_transform(
            list_filter(coalesce(lines, []), lambda line: place.has_care_of(line)), lambda line: place.keys_of_name(line)
        )),
        flatten(list_transform(
            [list_filter(place.words_of_name(array_to_string(lines, ' ')), lambda word: length(word) > 1)],
            lambda words: place.keys_of_words(words, words)
        ))
    );

-- The words of the names in lines that say that they are.
create or replace macro place.words_after_co(lines) as
    flatten(list_transform(
        list_filter(coalesce(lines, []), lambda line: place.has_care_of(line)), lambda line: place.words_of_name(line)
    ));

-- Words of addresses that name no place of their own.
create or replace macro place.stop_words() as
    [
        'etasje', 'etasjen', 'etg', 'plan', 'leilighet', 'leil', 'hybel', 'bolig', 'bolignr', 'karbolig', 'oppgang', 'oppg',
        'inngang', 'enhet', 'rom', 'avd', 'avdeling', 'seksjon', 'snr', 'dor', 'venstre', 'hoyre', 'tv', 'th', 'til', 'midt',
        'postboks', 'boks', 'pb', 'box', 'poste', 'restante', 'nr', 'no', 'husnr', 'og', 'flat', 'apt', 'apartment', 'unit',
        'suite', 'room', 'floor', 'house', 'hus', 'bygg', 'blokk', 'hovedbygning', 'sentrum', 'kjeller', 'kjelleren',
        'underetasje', 'underetasjen', 'sokkel', 'loft', 'anneks', 'bakgard', 'norge', 'norway', 'gate', 'gata', 'gaten', 'gt',
        'veg', 'vei', 'veien', 'vegen', 'plass', 'plassen', 'uten', 'fast', 'bopel', 'bosted', 'adresse', 'ukjent'
    ];

create or replace macro place.words_of_place(plain) as string_split_regex(plain, '[\s,;:/().–—-]+');

-- Whether one of some words (plain) may name a place.
create or replace macro place.contain_place_name(words) as
    len(list_filter(words, lambda name: length(name) > 1 and not list_contains(place.stop_words(), name))) > 0;

create or replace macro place.words_before_number(text) as
    list_filter(
        place.words_of_place(regexp_replace(text, '\([^)]*\)|oppg(ang)?[. ]*[a-z]( |$)', ' ', 'g')),
        lambda word: word not in ('', 'nr', 'nummer', 'no', 'hus', 'husnr', 'husnummer', 'oppg', 'oppgang', 'og')
    );

-- The streets that the last words before a number may be, from the last of them to the last five.
create or replace macro place.streets_of_words(words) as
    list_transform(
        list_filter(
            list_transform(range(1, least(len(words), 5) + 1), lambda taken: words[-taken:]),
            lambda last_words: place.contain_place_name(last_words)
        ),
        lambda last_words: place.bare_street(array_to_string(last_words, ' '))
    );

create or replace macro place.has_word(segment) as regexp_matches(replace(segment, ' og ', ''), '\p{L}{2}|\p{L}$');

-- The streets that the n-th number of a text may belong to. segments: the text between its numbers. They are named by
-- - the words before the number (Storgata 5), or, of 1-3-5 and 1 og 3, those before the first number;
-- - the words after it, where a part of the text begins with the number (5 Storgata);
-- - the last word before it with the number before that, where that word is no name (7 juni gate 5).
create or replace macro place.streets_at(segments, numbers, n) as
    list_concat(
        place.streets_of_words(place.words_before_number(coalesce(
            case when place.has_word(segments[n]) then segments[n] end,
            case when n > 1 and place.has_word(segments[n - 1]) then segments[n - 1] end,
            case when n > 2 and place.has_word(segments[n - 2]) then segments[n - 2] end,
            segments[n + 1]
        ))),
        case
            when n > 1 and regexp_matches(segments[n], '[,;:] *$')
                then place.streets_of_words(place.words_before_number(split_part(segments[n + 1], ',', 1)))
        end,
        case
            when n > 1
                then [place.bare_street(place.words_before_number(segments[n - 1])[-1] || ' ' || numbers[n - 1])]
        end
    );

-- The letter of a house behind its number; also none, where it is not written beside it, or may be something else.
create or replace macro place.letters_after(text) as
    list_distinct([
        regexp_extract(text, '^[ .-]*(?:oppg(?:ang)?[ .]*)?([a-z])(?:[^a-z0-9]|$)', 1),
        case when not regexp_matches(text, '^[a-z]([^a-z0-9/-]|$)') then '' end
    ]);

-- The streets and houses that the n-th number of a text may be.
create or replace macro place.house_at(segments, numbers, n) as
    flatten(list_transform(
        [place.letters_after(segments[n + 1] || case when n < len(numbers) then '0' else '' end)],
        lambda letters: flatten(list_transform(
            place.streets_at(segments, numbers, n),
            lambda street: list_transform(
                letters, lambda letter: street || '|' || nullif(ltrim(numbers[n], '0'), '') || letter
            )
        ))
    ));

-- The keys of a house in each of the areas that its address may be in; is_any: also without an area.
create or replace macro place.keys_of_houses(house, codes, towns, kommuner, is_any) as
    list_concat(
        list_transform(codes, lambda code: 'post|' || code || '|' || house),
        list_transform(towns, lambda town: 'town|' || town || '|' || house),
        list_transform(kommuner, lambda kommune: 'name|' || kommune || '|' || house),
        [case when is_any then 'any|' || house end]
    );

-- Two numbers one after the other may be a gards- and bruksnummer; of a protected address, only where the text says so.
create or replace macro place.keys_of_plots(segments, numbers, areas, as_protected) as
    flatten(list_transform(
        list_filter(
            range(1, len(numbers)),
            lambda n: not as_protected or regexp_matches(segments[n + 1], '^ ?/ ?$|b(nr|ruks)')
        ),
        lambda n: list_transform(
            areas,
            lambda area: 'plot in|' || area || '|' || ltrim(numbers[n], '0') || '/' || ltrim(numbers[n + 1], '0')
        )
    ));

-- The keys of the house at each number of a text, and of the plot that two numbers may be.
create or replace macro place.keys_of_parts(segments, numbers, codes, towns, kommuner, is_any, as_protected) as
    list_concat(
        flatten(list_transform(range(1, len(numbers) + 1), lambda n: flatten(list_transform(
            place.house_at(segments, numbers, n),
            lambda house: place.keys_of_houses(house, codes, towns, kommuner, is_any)
        )))),
        place.keys_of_plots(segments, numbers, list_concat(codes, kommuner), as_protected)
    );

create or replace macro place.codes_in(plain) as regexp_extract_all(plain, '(?:^|[^0-9a-z])([0-9]{4}) +[^0-9 ]', 1);

create or replace macro place.towns_in(plain) as
    list_transform(
        regexp_extract_all(plain, '[0-9]{4} +([a-z][a-z ]+)', 1), lambda town: place.bare_letters(town)
    );

-- The keys of the houses and plots that a text names, with each of its numbers, in the areas of its address and in those
-- that it names itself; anywhere, where its address has none.
create or replace macro place.keys_of_text(text, codes, towns, kommuner, as_protected) as
    flatten(list_transform([place.plain_letters(text)], lambda plain: flatten(list_transform(
        [{
            'segments': string_split_regex(plain, '[0-9]+'),
            'numbers': regexp_extract_all(plain, '[0-9]+'),
            'codes': list_filter(list_concat(codes, place.codes_in(plain)), lambda code: code is not null),
            'towns': list_filter(list_concat(towns, place.towns_in(plain)), lambda town: town is not null),
            'kommuner': list_filter(coalesce(kommuner, []), lambda kommune: kommune is not null)
        }],
        lambda parts: place.keys_of_parts(
            parts.segments, parts.numbers, parts.codes, parts.towns, parts.kommuner,
            as_protected or coalesce(len(list_filter(list_concat(codes, towns, kommuner), lambda area: area is not null)), 0) = 0,
            as_protected
        )
    ))));

create or replace macro place.has_number(text) as regexp_matches(text, '\p{N}');

create or replace macro place.keys_of_texts(texts, codes, towns, kommuner, as_protected) as
    flatten(list_transform(
        list_filter(coalesce(texts, []), lambda text: place.has_number(text)),
        lambda text: place.keys_of_text(text, codes, towns, kommuner, as_protected)
    ));

-- The texts that name a place without a number, bare: none with a digit, none of `stop_words` alone, not the town (bare).
create or replace macro place.names_of_places(texts, town) as
    list_transform(
        list_filter(
            list_transform(
                list_filter(
                    texts,
                    lambda text: not place.has_number(text)
                        and place.contain_place_name(place.words_of_place(place.plain_letters(text)))
                ),
                lambda text: place.bare_place(text)
            ),
            lambda bare: length(bare) >= 3 and bare is distinct from town
        ),
        lambda bare: place.in_any_order(bare)
    );

create or replace macro place.keys_in_areas(kind, areas, texts) as
    flatten(list_transform(areas, lambda area: list_transform(texts, lambda text: kind || '|' || area || '|' || text)));

create or replace macro place.code_in(text) as nullif(regexp_extract(text, '\b([0-9]{4,6}|[0-9]{3} [0-9]{2,3})\b'), '');

-- A text (plain) without a postal code, also where blanks are in it.
create or replace macro place.without_code(text, bare_code) as
    case
        when regexp_full_match(bare_code, '[a-z0-9]{4,}')
            then regexp_replace(text, array_to_string(string_split(bare_code, ''), '[ -]?'), ' ', 'g')
        else text
    end;

create or replace macro place.code_without_country(code, country) as
    case when starts_with(code, lower(country)) then substr(code, length(country) + 1) else code end;

-- The keys of a number of an address abroad, in a postal code or in a town.
create or replace macro place.keys_of_number(number, country, code, towns, words, as_protected) as
    list_concat(
        ['abroad|' || country || '|' || code || '|' || number],
        flatten(list_transform(towns, lambda town: flatten(list_transform(words, lambda word: [
            case
                when as_protected or code is null
                    then 'abroad in|' || country || '|' || town || '|' || word || '|' || number
            end,
            case
                when not as_protected or code is null
                    then 'of abroad|' || country || '|' || town || '|' || word || '|' || number
            end
        ]))))
    );

-- The keys of an address abroad, in whatever members its parts stand: each number in the texts but the postal code, in
-- that postal code or, where one of two addresses tells none, in a town that it names, with how its words begin; and
-- what is named without a number.
create or replace macro place.keys_abroad(country, postal_code, town, texts, as_protected) as
    list_concat(
        flatten(list_transform([place.plain_letters(array_to_string(texts, ' '))], lambda text: flatten(list_transform(
            [coalesce(postal_code, place.code_in(text))],
            lambda code: flatten(list_transform(
                [{
                    'code': place.code_without_country(place.bare_place(code), country),
                    'towns': list_concat([place.bare_place(town)], place.names_of_places(texts, null)),
                    'words': list_distinct(list_transform(
                        list_filter(
                            string_split_regex(text, '[^a-z]+'),
                            lambda word: length(word) >= 4 and not list_contains(place.stop_words(), word)
                        ),
                        lambda word: left(word, 4)
                    ))
                }],
                lambda parts: flatten(list_transform(
                    regexp_extract_all(place.without_code(text, parts.code), '[0-9]+'),
                    lambda number: place.keys_of_number(
                        nullif(ltrim(number, '0'), ''), coalesce(country, ''), parts.code, parts.towns, parts.words, as_protected
                    )
                ))
            ))
        )))),
        place.keys_in_areas(
            'farm abroad',
            [
                coalesce(country, '') || '|' || place.code_without_country(place.bare_place(postal_code), country),
                coalesce(country, '') || '|' || place.bare_place(town)
            ],
            place.names_of_places(texts, place.bare_place(town))
        )
    );

-- A line of an address, unless it is its own street and house again, with the dwelling and the postal place.
create or replace macro place.other_line(line, own_house) as
    case
        when not coalesce(starts_with(line, own_house), false)
            or not regexp_full_match(
                substr(line, length(own_house) + 1), '( [HKLU][0-9]{4})?(, [0-9]{4} [^0-9,/;(]*)?'
            )
            then line
    end;

create or replace macro place.key_numbers(keys) as
    list_distinct(list_transform(list_filter(keys, lambda key: key is not null), lambda key: hash(key)));

-- An identifier of Matrikkelen without zeros in front; NULL for what is no number.
create or replace macro place.address_identifier(given) as
    nullif(ltrim(regexp_extract(trim(given), '^[0-9]+$'), '0'), '');

-- Whether what stands for the number of a dwelling is a text, in which a place may be written.
create or replace macro place.is_dwelling_text(apartment_number) as
    regexp_matches(apartment_number, '\p{L}{3}');

-- The digits of a house number, whichever of number and letter holds them.
create or replace macro place.house_digits(house_number, house_letter) as
    regexp_extract(place.bare_house(house_number, house_letter), '^[0-9]+');

-- The letters behind the digits of a house number.
create or replace macro place.house_letters(house_number, house_letter) as
    regexp_extract(place.bare_house(house_number, house_letter), '^[0-9]*(.*)$', 1);

create or replace macro place.is_in_norway(a) as coalesce(nullif(a.country, 'NO'), '') = '';

create or replace macro place.postal_code_in_norway(a) as
    case when place.is_in_norway(a) then lpad(trim(a.postal_code), 4, '0') end;

create or replace macro place.town_in_norway(a) as
    case when place.is_in_norway(a) then place.bare_place(a.postal_place) end;

create or replace macro place.plot_of(a) as nullif(a.cadastral_number, 0) || '/' || a.property_number;

-- Of `place.keys` those by kommune: road, name, plot, plot in.
create or replace macro place.keys_in_kommune(a, kommune, as_protected) as
    [
        'road|' || kommune || '|' || nullif(nullif(ltrim(trim(a.street_number), '0'), ''), '99999')
        || '|' || nullif(a.bare_house, ''),
        'name|' || kommune || '|' || a.bare_street || '|' || a.bare_house,
        'plot|' || kommune || '|' || place.plot_of(a)
        || coalesce('/' || nullif(a.leasehold_number, 0), case when as_protected then '/*' else '/-' end),
        case
            when not as_protected then 'plot|' || kommune || '|' || place.plot_of(a) || '/*'
            when nullif(a.leasehold_number, 0) is not null then 'plot|' || kommune || '|' || place.plot_of(a) || '/-'
        end,
        case when as_protected then 'plot in|' || kommune || '|' || place.plot_of(a) end
    ];

-- Of `place.keys` those of a house that are the same in whatever area: any.
create or replace macro place.keys_without_area(a, house, lacks_kommune, lacks_code, as_protected) as
    [
        case when as_protected or (lacks_kommune and lacks_code) then 'any|' || house end,
        case when case when as_protected then lacks_kommune else lacks_code end then 'any without kommune|' || house end,
        case when case when as_protected then lacks_code else lacks_kommune end then 'any without postal code|' || house end
    ];

-- Of `place.keys` those of the names that an address bears: co, family.
create or replace macro place.keys_of_names_in(a) as
    list_concat(
        case
            when a.co_address is not null or a.additional_name is not null or a.post_box is not null or len(a.free_lines) > 0
                then list_concat(
                    place.keys_of_name(a.co_address),
                    place.keys_of_name(a.additional_name),
                    place.names_in_lines(a.free_lines),
                    place.names_in_lines([a.post_box]),
                    place.keys_in_areas(
                        'family',
                        [place.postal_code_in_norway(a)],
                        list_concat(place.words_of_name(a.co_address), place.words_after_co(a.free_lines))
                    )
                )
        end,
        case when place.has_care_of(a.street_name) then place.keys_of_name(a.street_name) end
    );

-- The keys of an address, as numbers. a: a row with the columns of int_address__entry and `place_columns`, and present_st
-- (the kommune of today of its kommunenummer, where it is one). By:
-- id       Matrikkelen's identifier of the address, in whatever kommune
-- near     the identifier of an address close by, where it has none of its own
-- road     kommune, adressekode and house
-- name     kommune, name of the street and house
-- post     postal code, name of the street and house; for a post address, whose kommune is not told
-- any      name of the street and house, where one side tells no kommune and the other no postal code, or the one that
--          is not protected tells neither (with `any without kommune` and `any without postal code`)
-- plot     kommune, gards- and bruksnummer, with the festenummer where both sides have one
-- town     postal place, name of the street and house, whatever the postal code
-- plot in  kommune or postal code, gards- and bruksnummer, where others write them in a text
-- abroad   country, postal code or town, and a number of a house
-- farm     kommune or postal code, and a name of a place without a number: a farm, a building, a street without a house
-- co       two words of somebody's name it bears
-- family   postal code and a word of the name it bears
-- Kommune is both the one that it says and the one of today. as_protected: the keys by which others' addresses are sought
-- when this one is secret: a plot without a festenummer is any of its plots, one with a festenummer is also the plot
-- itself.
create or replace macro place.keys(a, as_protected) as
    place.key_numbers(list_concat(
        [
            'id|' || place.address_identifier(a.matrikkel_address_id),
            case
                when place.address_identifier(a.matrikkel_address_id) is null
                    then 'near|' || place.address_identifier(a.near_matrikkel_address_id)
            end,
            'post|' || place.postal_code_in_norway(a) || '|' || a.bare_street || '|' || a.bare_house,
            'town|' || place.town_in_norway(a) || '|' || a.bare_street || '|' || nullif(a.bare_house, ''),
            case when as_protected then 'plot in|' || place.postal_code_in_norway(a) || '|' || place.plot_of(a) end
        ],
        place.keys_in_kommune(a, lpad(trim(a.st), 4, '0'), as_protected),
        place.keys_in_kommune(a, a.present_st, as_protected),
        case
            when place.is_in_norway(a)
                then place.keys_without_area(
                    a,
                    a.bare_street || '|' || nullif(a.bare_house, ''),
                    coalesce(trim(a.st), '') = '',
                    coalesce(trim(a.postal_code), '') = '',
                    as_protected
                )
        end,
        -- Few addresses have such texts.
        case
            when a.bare_house = '' or a.additional_name is not null or a.building is not null or len(a.free_lines) > 0
                then place.keys_in_areas(
                    'farm',
                    [
                        place.postal_code_in_norway(a),
                        case when not as_protected or a.bare_house = '' then lpad(trim(a.st), 4, '0') end,
                        case when not as_protected or a.bare_house = '' then a.present_st end
                    ],
                    place.names_of_places(
                        list_concat(
                            [a.additional_name, a.building, case when a.bare_house = '' then a.street_name end],
                            a.free_lines
                        ),
                        place.bare_place(a.postal_place)
                    )
                )
        end,
        case
            when a.is_abroad or not place.is_in_norway(a)
                then place.keys_abroad(
                    a.country, a.postal_code, a.postal_place,
                    list_concat(
                        [
                            a.street_name, a.house_number, a.building, a.floor_and_unit, a.additional_name,
                            case when not as_protected then a.post_box end
                        ],
                        a.free_lines
                    ),
                    as_protected
                )
        end,
        case when not as_protected then place.keys_of_names_in(a) end,
        -- Also where a street or a plot is written elsewhere than in its field: in the name of the street, in lines.
        place.keys_of_texts(
            [
                case
                    when regexp_matches(a.street_name, '[\p{N},(/]')
                        or not regexp_full_match(
                            concat(a.house_number, a.house_letter), ' *[0-9]* *[A-Za-zÆØÅæøå]? *'
                        )
                        then concat_ws(' ', a.street_name, a.house_number, a.house_letter)
                end,
                array_to_string(a.free_lines, ' , ')
            ],
            [place.postal_code_in_norway(a)],
            [place.town_in_norway(a)],
            [lpad(trim(a.st), 4, '0'), a.present_st],
            as_protected
        ),
        place.keys_of_texts(
            list_concat(
                [a.co_address, a.additional_name],
                case
                    when not as_protected
                        then [
                            case when place.is_in_norway(a) then a.building end,
                            case when regexp_matches(a.post_box, '\p{L}') then a.post_box end,
                            case when place.is_dwelling_text(a.apartment_number) then a.apartment_number end,
                            case when regexp_matches(a.street_number, '\p{L}') then a.street_number end,
                            a.postal_place
                        ]
                end
            ),
            null, null, null, as_protected
        )
    ));

-- The key of a position in EPSG 25833, to the metre, for a source that tells coordinates.
create or replace macro place.position_keys(east, north) as
    place.key_numbers(['at|' || round(east) || '|' || round(north)]);

-- Of `place.keys` those by kommune, name of the street and house, for what is published: `a` has st, present_st and
-- `place_columns`. None without a house: what PREG shows of a number that is no number is none.
create or replace macro place.street_keys(a) as
    place.key_numbers(list_transform(
        [a.st, a.present_st],
        lambda kommune: 'name|' || kommune || '|' || a.bare_street || '|' || nullif(a.bare_house, '')
    ));

-- The keys of the names under which others would have post sent to a person: a given name or its first letter, or the
-- middle name, with the family name or the middle name. Where the person lives, the family name alone is enough.
create or replace macro place.keys_of_person_names(given, middle, family, postal_code) as
    place.key_numbers(list_concat(
        place.keys_of_words(
            list_concat(
                place.words_of_name(given), list_transform(place.words_of_name(given), lambda word: left(word, 1))
            ),
            place.words_of_name(concat_ws(' ', middle, family))
        ),
        -- A word with itself is a name only where somebody is called so: Ali Ali.
        place.keys_of_words(
            place.words_of_name(middle),
            list_filter(
                place.words_of_name(family), lambda name: not list_contains(place.words_of_name(middle), name)
            )
        ),
        place.keys_in_areas('family', [postal_code], place.words_of_name(concat_ws(' ', middle, family)))
    ));
{%- endmacro %}

{#-
    What an address says of where it is: the columns of int_address__entry that `place.keys` reads. Entries that say the same in
    all of them are one place (`place_key` of int_address__entry), and keyed once. A row that is given to `place.keys` has no
    others, where there are many rows: it is taken apart for each of the keys.
-#}
{% macro place_members() -%}
    {{ return([
        'st', 'street_name', 'street_number', 'house_number', 'house_letter', 'apartment_number', 'cadastral_number',
        'property_number', 'leasehold_number', 'co_address', 'additional_name', 'building', 'floor_and_unit', 'post_box',
        'free_lines', 'postal_code', 'postal_place', 'country', 'is_abroad', 'matrikkel_address_id',
        'near_matrikkel_address_id'
    ]) }}
{%- endmacro %}

{#- An address as `place.keys` reads it, of a relation that has other columns beside `place_members` and `place_columns`. -#}
{% macro place_row(a) -%}
    {
        {%- for name in place_members() + ['present_st', 'bare_street', 'bare_house'] -%}
        '{{ name }}': {{ a }}.{{ name }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    }
{%- endmacro %}

{#- What `place.keys` compares of an address, as columns of a relation `a`: worked out once, and used in several keys. -#}
{% macro place_columns(a) -%}
    place.bare_street({{ a }}.street_name) as bare_street,
    place.bare_house({{ a }}.house_number, {{ a }}.house_letter) as bare_house
{%- endmacro %}

{#-
    The first of `keys` that is there. A place without keys would be found by nobody, and shown: it stops the build. None for
    no place (`place_key` is NULL).
-#}
{% macro keys_or_error(keys, place_key) -%}
    coalesce(
        {{ keys | join(', ') }},
        case when {{ place_key }} is not null then error('a place has no keys: ' || {{ place_key }}) end
    )
{%- endmacro %}
