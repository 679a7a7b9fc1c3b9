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
        -- keyboard lacks it (Sámi, Polish, Icelandic), as that letter.
        replace(translate(
            lower(given),
            'авекмнорстухіјѕԁɡһԛԝαβεικνορτυχłđŋŧðıａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９',
            'abekmhopctyxijsdghqwabeikvoptuxldntdiabcdefghijklmnopqrstuvwxyz0123456789' -- pragma: allowlist secret
        ), 'ß', 'ss')",

    "bare_letters(given) as
        -- Letters without marks, composed or not, and digits without zeros in front; no blanks and signs, also those without
        -- width; one a for aa and å.
        replace(regexp_replace(
            regexp_replace(
                replace(replace(replace(strip_accents(build.latin_letters(given)), 'ø', 'o'), 'æ', 'ae'), 'oe', 'o'),
                '\\b0+(\\d)', '\\1', 'g'
            ),
            '[^a-z0-9]', '', 'g'
        ), 'aa', 'a')",

    "names_something(given) as regexp_matches(given, '[\\p{L}\\p{N}]')",

    "bare_place(given) as
        -- A text without what makes two ways of writing one word. In another script, of which nothing would be left, the text.
        -- Signs alone name nothing.
        coalesce(
            nullif(build.bare_letters(given), ''),
            case when build.names_something(given) then lower(trim(given)) end
        )",

    "street_words(street_name) as
        -- Words of a street that are written in several ways, in one of them: Sankt and St., Kristian and Kr., Nedre and N., allé
        -- and al., gate as a word of its own and g. What stands behind a comma or a bracket is no street.
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            lower(trim(split_part(split_part(street_name, ',', 1), '(', 1))),
            '^(sankt|st)\\.? ', 'st '), '^(kristian|kr)\\.? ', 'kr '), '^(nedre|n)\\.? ', 'n '),
            ' (g|gt)\\.?$', ' gate'), '[ -](all[eé]+n?|al)\\.?$', ' alle')",

    "bare_street(street_name) as
        -- The name of a street, with one form of each ending: gata and gt., veien and v., plassen and pl.; of a name that is
        -- nothing but an ending, the name. NULL for what says that there is none.
        case
            when not starts_with(build.bare_place(street_name), 'utenfast')
                and not starts_with(build.bare_place(street_name), 'ukjent')
                then regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            build.bare_place(build.street_words(street_name)), '(..)(gata|gaten|gate|gt)$', '\\1gate'
                        ),
                        '(..)(veien|vegen|vei|veg|vn|v)$', '\\1veg'
                    ),
                    '(..)(plassen|plass|pl)$', '\\1plass'
                )
        end",

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

    "name_words(given) as
        -- A name as its words in alphabetical order, without what stands before it in an address (c/o, v/, att.): the same for
        -- Kari Nordmann, NORDMANN, KARI and c/o fru Kari Nordmann, 2. NULL without a word.
        nullif(array_to_string(list_sort(list_filter(
            string_split_regex(
                replace(replace(strip_accents(build.latin_letters(given)), 'ø', 'o'), 'æ', 'ae'), '[^a-z0-9]+'
            ),
            lambda word: regexp_full_match(word, '[a-z]+')
                and word not in ('c', 'o', 'v', 'co', 'ved', 'att', 'attn', 'hos', 'fru', 'fam', 'familien', 'mor', 'far',
                    'etg')
        )), ' '), '')",

    "house_line(line) as
        -- A line that names a house, bare; NULL for one without a number and letters, and for a postal code with its place.
        case
            when regexp_matches(line, '[0-9]') and regexp_matches(line, '[[:alpha:]]')
                and not regexp_matches(trim(line), '^[0-9]{4} [^0-9]*$')
                and length(line) >= 6
                then build.bare_place(line)
        end",

    "street_in_line(line, pattern, postal_code) as
        -- The key of the street and house that a line names, by one of two patterns; NULL where it names none.
        'post|' || postal_code || '|' || build.bare_street(nullif(regexp_extract(trim(line), pattern, 1), '')) || '|'
        || nullif(build.bare_house(regexp_extract(trim(line), pattern, 2), regexp_extract(trim(line), pattern, 3)), '')",

    "first_number() as '^([^0-9]*[^0-9 ]) *([0-9]+) *-?([[:alpha:]]?)($|[^[:alnum:]].*$)'",

    "last_number() as '^(.*[^0-9 ]) *([0-9]+) *-?([[:alpha:]]?)($|[^[:alnum:]].*$)'",

    "parts_of_lines(lines) as flatten(list_transform(coalesce(lines, []), lambda line: string_split(line, ',')))",

    "postal_code_in(parts) as
        list_max(list_transform(parts, lambda part: nullif(regexp_extract(trim(part), '^([0-9]{4}) ', 1), '')))",

    "keys_of_part(part, country, postal_code, other_code, as_secret) as
        [
            'line|' || coalesce(country, '') || '|' || build.house_line(part),
            build.street_in_line(part, build.first_number(), postal_code),
            build.street_in_line(part, build.last_number(), postal_code),
            build.street_in_line(part, build.first_number(), other_code),
            build.street_in_line(part, build.last_number(), other_code),
            -- Where no postal code is told, any.
            case
                when as_secret or coalesce(postal_code, other_code) is null
                    then replace(build.street_in_line(part, build.first_number(), 'any'), 'post|any|', 'any|')
            end,
            case
                when as_secret or coalesce(postal_code, other_code) is null
                    then replace(build.street_in_line(part, build.last_number(), 'any'), 'post|any|', 'any|')
            end
        ]",

    "keys_of_lines(lines, country, postal_code, as_secret) as
        -- The keys of the free lines of an address: each part between commas as a line, and the street and house that it names,
        -- up to its first number and up to its last, in the postal code of the address and in that of its lines.
        case
            when len(lines) > 0
                then flatten(list_transform(
                    build.parts_of_lines(lines),
                    lambda part: build.keys_of_part(
                        part, country, postal_code, build.postal_code_in(build.parts_of_lines(lines)), as_secret
                    )
                ))
        end",

    "names_in_lines(lines) as
        -- The keys of the names that lines, or their parts, may be.
        case
            when len(lines) > 0
                then list_transform(
                    list_concat(lines, build.parts_of_lines(lines)), lambda part: 'co|' || build.name_words(part)
                )
        end",

    "key_numbers(keys) as
        list_distinct(list_transform(list_filter(keys, lambda key: key is not null), lambda key: hash(key)))"

    ]) }}
{%- endmacro %}
