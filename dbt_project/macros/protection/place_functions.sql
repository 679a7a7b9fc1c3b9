{#-
    On-run-start: functions in the warehouse (schema `build`) that compare texts of places, written once for models, tests and
    whoever looks into the warehouse. In the engine's own words: another engine has another file of them.
-#}
{% macro create_place_functions() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed', 'test') -%}
        {%- do run_query('create schema if not exists build') -%}
        {%- for function in place_functions() -%}
            {%- do run_query('create or replace macro build.' ~ function) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro place_functions() -%}
    {{ return([

    "latin_letters(given) as
        -- Small letters; what looks like a Latin letter (Cyrillic, Greek, of full width), or is written as one where a
        -- keyboard lacks it (Sámi, Polish, Icelandic), as that letter. Most texts have none of these: translating is slow.
        list_transform([lower(given)], lambda small: case
            when regexp_matches(small, '[^\\x00-\\xDE\\xE0-\\xEF\\xF1-\\xFF]')
                then replace(translate(
                    small,
                    'авекмнорстухіјѕԁɡһԛԝαβεικνορτυχłđŋŧðıａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９',
                    'abekmhopctyxijsdghqwabeikvoptuxldntdiabcdefghijklmnopqrstuvwxyz0123456789' -- pragma: allowlist secret
                ), 'ß', 'ss')
            else small
        end)[1]",

    "plain_letters(given) as
        -- Letters without marks, composed or not.
        replace(replace(replace(strip_accents(build.latin_letters(given)), 'ø', 'o'), 'æ', 'ae'), 'oe', 'o')",

    "bare_letters(plain) as
        -- Of plain letters and digits, without zeros in front, those alone: no blanks and signs, also those without width; one
        -- a for aa and å.
        replace(regexp_replace(regexp_replace(plain, '\\b0+(\\d)', '\\1', 'g'), '[^a-z0-9]', '', 'g'), 'aa', 'a')",

    "names_something(given) as regexp_matches(given, '[\\p{L}\\p{N}]')",

    "bare_place(given) as
        -- A text without what makes two ways of writing one word. In another script, of which nothing would be left, the text.
        -- Signs alone name nothing.
        list_transform([given], lambda text: coalesce(
            nullif(build.bare_letters(build.plain_letters(text)), ''),
            case when build.names_something(text) then lower(trim(text)) end
        ))[1]",

    "street_words(plain) as
        -- Words of a street that are written in several ways, in one of them: Sankt and St., Nedre and N., Dronning and Dr.,
        -- gata and gt., veien and v.
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            plain,
            '\\b(sankta?|sta?)\\b', 'st', 'g'),
            '\\b(kh?ristian|christian|kr|chr)\\b', 'kr', 'g'),
            '\\b(nedre|nordre|ned|nord|n)\\b', 'n', 'g'),
            '\\b(ovre|ostre|ov|ost|o)\\b', 'o', 'g'),
            '\\b(sondre|sor|sdr|s)\\b', 's', 'g'),
            '\\b(vestre|vest|ve)\\b', 've', 'g'),
            '\\b(dronning|dronn|doktor|dr)\\b', 'dr', 'g'),
            '\\b(professor|prof|general|gen|president|pres|prinsesse|prins)\\b', 'p', 'g'),
            '(gata|gaten|gate|gt|\\bg)\\b', 'gate', 'g'),
            '(veien|vegen|vei|veg|vn|\\bv)\\b', 'veg', 'g'),
            '(plassen|plass|\\bpl)\\b', 'plass', 'g'),
            '\\b(alleen|alle|al)\\b', 'alle', 'g')",

    "in_any_order(given) as
        -- The letters of a text in the order of the alphabet, then its digits: the same for Nedre Slottsgate and Slottsgate
        -- Nedre, and for hardly any two streets of a kommune.
        list_transform([given], lambda text: nullif(
            array_to_string(list_sort(string_split(regexp_replace(text, '[0-9]', '', 'g'), '')), '')
            || regexp_replace(text, '[^0-9]', '', 'g'),
            ''
        ))[1]",

    "street_letters(plain) as
        regexp_replace(regexp_replace(regexp_replace(
            build.bare_letters(build.street_words(plain)),
            '(v|vn)$', 'veg'),
            '(..)pl$', '\\1plass'),
            '^(utenfast|ukjent).*$', ''
        )",

    "bare_street(street_name) as
        -- The name of a street, however it is spelt and in whatever order its words stand; in another script, as a text. What
        -- stands behind a comma or a bracket is no street. NULL for what says that there is none.
        list_transform([split_part(split_part(street_name, ',', 1), '(', 1)], lambda name: coalesce(
            build.in_any_order(build.street_letters(build.plain_letters(name))),
            case when not regexp_matches(name, '[0-9A-Za-z]') then build.bare_place(name) end
        ))[1]",

    "bare_house(house_number, house_letter) as
        -- House number and letter as one text without zeros in front: 05 and B, or 5B, as 5b; empty where neither is known.
        ltrim(regexp_replace(coalesce(build.bare_place(concat(house_number, house_letter)), ''), '^nr', ''), '0')",

    "plain_dwelling(given) as
        upper(build.latin_letters(regexp_replace(coalesce(given, ''), '[^[:alnum:]]', '', 'g')))",

    "dwelling_number(given) as
        -- The number of a dwelling in its one form, H0101, however it is written (H 0101, h101, HO101); NULL where it is not
        -- known or is none (-, H0000).
        case
            when regexp_full_match(build.plain_dwelling(given), '[HKLU][0-9O]{3,4}')
                and not regexp_full_match(build.plain_dwelling(given), '.[0O]+')
                then left(build.plain_dwelling(given), 1)
                    || lpad(replace(substr(build.plain_dwelling(given), 2), 'O', '0'), 4, '0')
        end",

    "words_of_name(given) as
        -- The words of a name in alphabetical order, at most twelve, without what stands before it in an address (c/o, v/,
        -- att.): the same for Kari Nordmann, NORDMANN, KARI and c/o fru Kari Nordmann, 2.
        list_distinct(list_filter(
            string_split_regex(build.plain_letters(given), '[^a-z0-9]+'),
            lambda word: regexp_full_match(word, '[a-z]+')
                and word not in ('c', 'o', 'v', 'co', 'ved', 'att', 'attn', 'hos', 'fru', 'fam', 'familien', 'mor', 'far',
                    'etg', 'og')
        ))[:12]",

    "keys_of_words(words, others) as
        -- A key of each word of one list with each of another.
        flatten(list_transform([others], lambda all_others: flatten(list_transform(words, lambda word: list_transform(
            list_filter(all_others, lambda other: other <> word),
            lambda other: 'co|' || least(word, other) || ' ' || greatest(word, other)
        )))))",

    "keys_of_name(given) as
        -- The keys of the persons whose name a text may have: any two of its words.
        flatten(list_transform([build.words_of_name(given)], lambda words: build.keys_of_words(words, words)))",

    "house_line(line) as
        -- A line that names a house, bare and in any order; NULL for one without a number and letters, and for a postal code with
        -- its place.
        case
            when regexp_matches(line, '[0-9]') and regexp_matches(line, '\\p{L}')
                and not regexp_matches(trim(line), '^[0-9]{4} [^0-9]*$')
                then list_transform(
                    [build.bare_place(line)], lambda bare: case when length(bare) >= 5 then build.in_any_order(bare) end
                )[1]
        end",

    "street_of_match(found) as
        build.bare_street(nullif(found.street, '')) || '|' || nullif(build.bare_house(found.number, found.letter), '')",

    "first_house(line) as
        -- The street and house that a line names up to its first number.
        list_transform(
            [regexp_extract(
                trim(line), '^([^0-9]*[^0-9 ]) *([0-9]+) *-?([[:alpha:]]?)($|[^[:alnum:]].*$)', ['street', 'number', 'letter']
            )],
            lambda found: build.street_of_match(found)
        )[1]",

    "last_house(line) as
        -- The street and house that a line names up to its last number.
        list_transform(
            [regexp_extract(
                trim(line), '^(.*[^0-9 ]) *([0-9]+) *-?([[:alpha:]]?)($|[^[:alnum:]].*$)', ['street', 'number', 'letter']
            )],
            lambda found: build.street_of_match(found)
        )[1]",

    "houses_in_line(line) as list_distinct([build.first_house(line), build.last_house(line)])",

    "parts_of_lines(lines) as flatten(list_transform(coalesce(lines, []), lambda line: string_split(line, ',')))",

    "postal_code_in(parts) as
        list_max(list_transform(parts, lambda part: nullif(regexp_extract(trim(part), '^([0-9]{4}) ', 1), '')))",

    "keys_of_part(part, country, postal_code, other_code, as_secret) as
        list_concat(
            ['line|' || coalesce(country, '') || '|' || build.house_line(part)],
            flatten(list_transform(build.houses_in_line(part), lambda house: [
                'post|' || postal_code || '|' || house,
                'post|' || other_code || '|' || house,
                -- Where no postal code is told, any.
                case when as_secret or coalesce(postal_code, other_code) is null then 'any|' || house end
            ]))
        )",

    "keys_of_lines(lines, country, postal_code, as_secret) as
        -- The keys of the free lines of an address: each part between commas as a line, and the street and house that it names,
        -- up to its first number and up to its last, in the postal code of the address and in that of its lines.
        case
            when len(lines) > 0
                then flatten(list_transform([build.parts_of_lines(lines)], lambda parts: flatten(list_transform(
                    [build.postal_code_in(parts)],
                    lambda other_code: flatten(list_transform(
                        parts,
                        lambda part: build.keys_of_part(part, country, postal_code, other_code, as_secret)
                    ))
                ))))
        end",

    "names_in_lines(lines) as
        -- The keys of the names that lines may be.
        flatten(list_transform(coalesce(lines, []), lambda line: build.keys_of_name(line)))",

    "words_behind_co(lines) as
        -- The words of the names in lines that say so: c/o, v/, hos, att.
        flatten(list_transform(
            list_filter(coalesce(lines, []), lambda line: regexp_matches(line, '(?i)^\\s*(c ?/ ?o\\b|v ?/|att|hos |ved )')),
            lambda line: build.words_of_name(line)
        ))",

    "names_of_places(texts, town) as
        -- The texts that name a place without a number, bare: none with a digit, no country, not the town (bare).
        list_transform(
            list_filter(
                list_transform(
                    list_filter(texts, lambda text: not regexp_matches(text, '[0-9]')),
                    lambda text: build.bare_place(text)
                ),
                lambda bare: length(bare) >= 3 and bare not in ('norge', 'norway') and bare is distinct from town
            ),
            lambda bare: build.in_any_order(bare)
        )",

    "keys_in_areas(kind, areas, texts) as
        flatten(list_transform(areas, lambda area: list_transform(texts, lambda text: kind || '|' || area || '|' || text)))",

    "code_in(text) as nullif(regexp_extract(text, '\\b([0-9]{4,6}|[0-9]{3} [0-9]{2,3})\\b'), '')",

    "without_code(text, code) as
        case
            when length(code) >= 4 then replace(replace(text, code, ' '), build.bare_place(code), ' ')
            else text
        end",

    "keys_of_number(number, country, code, town, as_secret) as
        [
            'abroad|' || country || '|' || code || '|' || number,
            case when as_secret or code is null then 'abroad in|' || country || '|' || town || '|' || number end,
            case when not as_secret or code is null then 'of abroad|' || country || '|' || town || '|' || number end
        ]",

    "keys_abroad(country, postal_code, town, texts, as_secret) as
        -- The keys of an address abroad, in whatever members its parts stand: each number in the texts but the postal code, in
        -- that postal code or, where one of two addresses tells none, in the town.
        flatten(list_transform([array_to_string(texts, ' ')], lambda text: flatten(list_transform(
            [coalesce(postal_code, build.code_in(text))],
            lambda code: flatten(list_transform([build.bare_place(code)], lambda bare_code: flatten(list_transform(
                regexp_extract_all(build.without_code(text, code), '[0-9]+'),
                lambda number: build.keys_of_number(
                    ltrim(number, '0'), coalesce(country, ''), bare_code, build.bare_place(town), as_secret
                )
            ))))
        ))))",

    "key_numbers(keys) as
        list_distinct(list_transform(list_filter(keys, lambda key: key is not null), lambda key: hash(key)))"

    ]) }}
{%- endmacro %}
