{#-
    The functions that tell which addresses are one place, however each of them is written (`create_functions` makes them), each
    as `name(parameters) as expression`: two addresses with a key in common (`place_keys`) are, or may be, the same house; with
    dwelling numbers that do not contradict each other, the same dwelling. In doubt they are (docs/protection.md).
-#}
{% macro place_functions() -%}
    {{ return([

    "latin_letters(given) as
        -- Small letters; what looks like a Latin letter (Cyrillic, Greek, of full width), or is written as one where a
        -- keyboard lacks it (Sámi, Polish, Icelandic), as that letter; digits of other scripts as digits; without signs that
        -- have no width. Most texts have none of these: translating is slow.
        list_transform([lower(given)], lambda small: case
            when regexp_matches(small, '[^\\x00-\\xAC\\xAE-\\xDE\\xE0-\\xEF\\xF1-\\xFF]')
                then replace(translate(
                    regexp_replace(small, '[\\xAD\\x{200B}-\\x{200F}\\x{2060}\\x{FEFF}]', '', 'g'),
                    'авекмнорстухіјѕԁɡһԛԝαβεικνορτυχłđŋŧðıａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹①②③④⑤⑥⑦⑧⑨',
                    'abekmhopctyxijsdghqwabeikvoptuxldntdiabcdefghijklmnopqrstuvwxyz012345678901234567890123456789123456789' -- pragma: allowlist secret
                ), 'ß', 'ss')
            else small
        end)[1]",

    "plain_letters(given) as
        -- Letters without marks, composed or not.
        replace(replace(replace(strip_accents(build.latin_letters(given)), 'ø', 'o'), 'æ', 'ae'), 'oe', 'o')",

    "one_spelling(letters) as
        -- One a for aa, å, ae, æ and ä; one o for oe, ø and ö.
        regexp_replace(replace(replace(letters, 'ae', 'a'), 'oe', 'o'), 'a+', 'a', 'g')",

    "bare_letters(plain) as
        -- Of plain letters and digits, without zeros in front, those alone, in one spelling: no blanks and signs.
        build.one_spelling(
            regexp_replace(regexp_replace(plain, '\\b0+(\\d)', '\\1', 'g'), '[^a-z0-9]', '', 'g')
        )",

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
        -- Nordregate and Nordre gate, gata and gt., veien and v.
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            plain,
            '\\bn(umme)?r\\b', '', 'g'),
            '\\b(nordre|nedre|sondre|ovre|ostre|vestre|nord|sor|ost|vest)(gat|gt|vei|veg|plass)', '\\1 \\2', 'g'),
            '\\b(sankta?|sta?)\\b', 'st', 'g'),
            '\\b(kristian|christian|kr|chr)\\b', 'kr', 'g'),
            '\\b(nedre|nordre|ned|nord|n)\\b', 'n', 'g'),
            '\\b(ovre|ostre|ov|ost|o)\\b', 'o', 'g'),
            '\\b(sondre|sor|sdr|s)\\b', 's', 'g'),
            '\\b(vestre|vest|ve)\\b', 've', 'g'),
            '\\b(dronning|dronn|doktor|dr)\\b', 'dr', 'g'),
            '\\b(professor|prof|general|gen|president|pres|prinsesse|prins)\\b', 'p', 'g'),
            '(gata|gaten|gate|gt|\\bg)\\b', 'gate', 'g'),
            '(veien|vegen|vei|veg|vn|v)\\b', 'veg', 'g'),
            '(plassen|plass|pl)\\b', 'plass', 'g'),
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
        regexp_replace(
            build.bare_letters(build.street_words(plain)), '^(utenfast(adresse|bo[a-z]*)?|ukjent(adresse|bo[a-z]*)?)$', ''
        )",

    "bare_street(street_name) as
        -- The name of a street, however it is spelt and in whatever order its words stand; in another script, as a text. What
        -- stands behind a comma or a bracket is no street. NULL for what says that there is none.
        list_transform([split_part(split_part(street_name, ',', 1), '(', 1)], lambda name: coalesce(
            build.in_any_order(build.street_letters(build.plain_letters(name))),
            case when not regexp_matches(name, '[0-9A-Za-z]') then build.bare_place(name) end
        ))[1]",

    "bare_house(house_number, house_letter) as
        -- House number and letter as one text without zeros in front: 05 and B, or 5B, as 5b; empty where neither is known. Of
        -- several, 5-7, the first.
        ltrim(regexp_replace(
            coalesce(build.bare_place(regexp_replace(concat(house_number, house_letter), '([0-9]) *[-–/].*$', '\\1')), ''),
            '^nr', ''
        ), '0')",

    "plain_dwelling(given) as upper(regexp_replace(build.latin_letters(given), '[^a-z0-9]', '', 'g'))",

    "dwelling_number(given) as
        -- The number of a dwelling in its one form, H0101, however it is written (H 0101, h101, HO101); NULL where it is not
        -- known or is none (-, H0000).
        list_transform([build.plain_dwelling(given)], lambda dwelling: case
            when regexp_full_match(dwelling, '[HKLU][0-9O]{3,4}') and not regexp_full_match(dwelling, '.[0O]+')
                then left(dwelling, 1) || lpad(replace(substr(dwelling, 2), 'O', '0'), 4, '0')
        end)[1]",

    "words_of_name(given) as
        -- The words of a name, at most forty, without what stands before it in an address (c/o, v/, att.): the same for Kari
        -- Nordmann, NORDMANN, KARI and c/o fru Kari Nordmann, 2.
        list_distinct(list_transform(
            list_filter(
                string_split_regex(
                    regexp_replace(build.plain_letters(given), '(^|[^a-z])(c ?/ ?o\\b|v ?/)', ' ', 'g'), '[^a-z0-9]+'
                ),
                lambda word: regexp_full_match(word, '[a-z]+')
                    and word not in ('co', 'ved', 'att', 'attn', 'hos', 'fru', 'fam', 'familien', 'mor', 'far', 'etg', 'og')
            ),
            lambda word: build.one_spelling(word)
        ))[:40]",

    "keys_of_words(words, others) as
        -- A key of each word of one list with each of another.
        flatten(list_transform([others], lambda all_others: flatten(list_transform(words, lambda word: list_transform(
            all_others, lambda other: 'co|' || least(word, other) || ' ' || greatest(word, other)
        )))))",

    "keys_of_name(given) as
        -- The keys of the persons whose name a text may have: any two of its words.
        flatten(list_transform([build.words_of_name(given)], lambda words: build.keys_of_words(words, words)))",

    "says_co(text) as
        -- Whether a text says that a name follows: c/o, v/, hos, att.
        regexp_matches(text, '(?i)(^|[^\\p{L}])(c ?/ ?o\\b|v ?/|att[n. :]|hos |ved )')",

    "names_in_lines(lines) as
        -- The keys of the names that lines may be, each or all together. A letter alone is a name only where a line says so.
        list_concat(
            flatten(list_transform(
                list_filter(coalesce(lines, []), lambda line: build.says_co(line)), lambda line: build.keys_of_name(line)
            )),
            flatten(list_transform(
                [list_filter(build.words_of_name(array_to_string(lines, ' ')), lambda word: length(word) > 1)],
                lambda words: build.keys_of_words(words, words)
            ))
        )",

    "words_behind_co(lines) as
        -- The words of the names in lines that say that they are.
        flatten(list_transform(
            list_filter(coalesce(lines, []), lambda line: build.says_co(line)), lambda line: build.words_of_name(line)
        ))",

    "no_names() as
        -- Words of addresses that name no place of their own.
        [
            'etasje', 'etasjen', 'etg', 'plan', 'leilighet', 'leil', 'hybel', 'bolig', 'bolignr', 'karbolig', 'oppgang', 'oppg',
            'inngang', 'enhet', 'rom', 'avd', 'avdeling', 'seksjon', 'snr', 'dor', 'venstre', 'hoyre', 'tv', 'th', 'til', 'midt',
            'postboks', 'boks', 'pb', 'box', 'poste', 'restante', 'nr', 'no', 'husnr', 'og', 'flat', 'apt', 'apartment', 'unit',
            'suite', 'room', 'floor', 'house', 'hus', 'bygg', 'blokk', 'hovedbygning', 'sentrum', 'kjeller', 'kjelleren',
            'underetasje', 'underetasjen', 'sokkel', 'loft', 'anneks', 'bakgard', 'norge', 'norway', 'gate', 'gata', 'gaten', 'gt',
            'veg', 'vei', 'veien', 'vegen', 'plass', 'plassen', 'uten', 'fast', 'bopel', 'bosted', 'adresse', 'ukjent'
        ]",

    "words_of_place(plain) as string_split_regex(plain, '[\\s,;:/().–—-]+')",

    "name_a_place(words) as
        -- Whether one of some words (plain) may name a place.
        len(list_filter(words, lambda name: length(name) > 1 and not list_contains(build.no_names(), name))) > 0",

    "words_before_number(text) as
        list_filter(
            build.words_of_place(regexp_replace(text, '\\([^)]*\\)|oppg(ang)?[. ]*[a-z]( |$)', ' ', 'g')),
            lambda word: word not in ('', 'nr', 'nummer', 'no', 'hus', 'husnr', 'husnummer', 'oppg', 'oppgang', 'og')
        )",

    "streets_of_words(words) as
        -- The streets that the last words before a number may be, from the last of them to the last five.
        list_transform(
            list_filter(
                list_transform(range(1, least(len(words), 5) + 1), lambda taken: words[-taken:]),
                lambda last_words: build.name_a_place(last_words)
            ),
            lambda last_words: build.bare_street(array_to_string(last_words, ' '))
        )",

    "has_word(segment) as regexp_matches(replace(segment, ' og ', ''), '\\p{L}{2}|\\p{L}$')",

    "streets_at(segments, numbers, n) as
        -- The streets of the n-th number of a text: the words before it or, of 1-3-5 and 1 og 3, before the numbers before it; of
        -- a part that begins with it, the words behind; where the last word is no name, that word with the number before.
        list_concat(
            build.streets_of_words(build.words_before_number(coalesce(
                case when build.has_word(segments[n]) then segments[n] end,
                case when n > 1 and build.has_word(segments[n - 1]) then segments[n - 1] end,
                case when n > 2 and build.has_word(segments[n - 2]) then segments[n - 2] end,
                segments[n + 1]
            ))),
            case
                when n > 1 and regexp_matches(segments[n], '[,;:] *$')
                    then build.streets_of_words(build.words_before_number(split_part(segments[n + 1], ',', 1)))
            end,
            case
                when n > 1
                    then [build.bare_street(build.words_before_number(segments[n - 1])[-1] || ' ' || numbers[n - 1])]
            end
        )",

    "letters_behind(text) as
        -- The letter of a house behind its number; also none, where it is not written beside it, or may be something else.
        list_distinct([
            regexp_extract(text, '^[ .-]*(?:oppg(?:ang)?[ .]*)?([a-z])(?:[^a-z0-9]|$)', 1),
            case when not regexp_matches(text, '^[a-z]([^a-z0-9/-]|$)') then '' end
        ])",

    "house_at(segments, numbers, n) as
        -- The streets and houses that the n-th number of a text may be.
        flatten(list_transform(
            [build.letters_behind(segments[n + 1] || case when n < len(numbers) then '0' else '' end)],
            lambda letters: flatten(list_transform(
                build.streets_at(segments, numbers, n),
                lambda street: list_transform(
                    letters, lambda letter: street || '|' || nullif(ltrim(numbers[n], '0'), '') || letter
                )
            ))
        ))",

    "keys_of_houses(house, codes, towns, kommuner, is_any) as
        -- The keys of a house in each of the areas that its address may be in; is_any: also without an area.
        list_concat(
            list_transform(codes, lambda code: 'post|' || code || '|' || house),
            list_transform(towns, lambda town: 'town|' || town || '|' || house),
            list_transform(kommuner, lambda kommune: 'name|' || kommune || '|' || house),
            [case when is_any then 'any|' || house end]
        )",

    "keys_of_plots(segments, numbers, areas, as_secret) as
        -- Two numbers one after the other may be a gards- and bruksnummer; of a secret, only where the text says so.
        flatten(list_transform(
            list_filter(
                range(1, len(numbers)),
                lambda n: not as_secret or regexp_matches(segments[n + 1], '^ ?/ ?$|b(nr|ruks)')
            ),
            lambda n: list_transform(
                areas,
                lambda area: 'plot in|' || area || '|' || ltrim(numbers[n], '0') || '/' || ltrim(numbers[n + 1], '0')
            )
        ))",

    "keys_of_parts(segments, numbers, codes, towns, kommuner, is_any, as_secret) as
        -- The keys of the house at each number of a text, and of the plot that two numbers may be.
        list_concat(
            flatten(list_transform(range(1, len(numbers) + 1), lambda n: flatten(list_transform(
                build.house_at(segments, numbers, n),
                lambda house: build.keys_of_houses(house, codes, towns, kommuner, is_any)
            )))),
            build.keys_of_plots(segments, numbers, list_concat(codes, kommuner), as_secret)
        )",

    "codes_in(plain) as regexp_extract_all(plain, '(?:^|[^0-9a-z])([0-9]{4}) +[^0-9 ]', 1)",

    "towns_in(plain) as
        list_transform(
            regexp_extract_all(plain, '[0-9]{4} +([a-z][a-z ]+)', 1), lambda town: build.bare_letters(town)
        )",

    "keys_of_text(text, codes, towns, kommuner, as_secret) as
        -- The keys of the houses and plots that a text names, with each of its numbers, in the areas of its address and in those
        -- that it names itself; anywhere, where its address has none.
        flatten(list_transform([build.plain_letters(text)], lambda plain: flatten(list_transform(
            [{
                'segments': string_split_regex(plain, '[0-9]+'),
                'numbers': regexp_extract_all(plain, '[0-9]+'),
                'codes': list_filter(list_concat(codes, build.codes_in(plain)), lambda code: code is not null),
                'towns': list_filter(list_concat(towns, build.towns_in(plain)), lambda town: town is not null),
                'kommuner': list_filter(coalesce(kommuner, []), lambda kommune: kommune is not null)
            }],
            lambda parts: build.keys_of_parts(
                parts.segments, parts.numbers, parts.codes, parts.towns, parts.kommuner,
                as_secret or coalesce(len(list_filter(list_concat(codes, towns, kommuner), lambda area: area is not null)), 0) = 0,
                as_secret
            )
        ))))",

    "has_number(text) as regexp_matches(text, '\\p{N}')",

    "keys_of_texts(texts, codes, towns, kommuner, as_secret) as
        flatten(list_transform(
            list_filter(coalesce(texts, []), lambda text: build.has_number(text)),
            lambda text: build.keys_of_text(text, codes, towns, kommuner, as_secret)
        ))",

    "names_of_places(texts, town) as
        -- The texts that name a place without a number, bare: none with a digit, none of `no_names` alone, not the town (bare).
        list_transform(
            list_filter(
                list_transform(
                    list_filter(
                        texts,
                        lambda text: not build.has_number(text)
                            and build.name_a_place(build.words_of_place(build.plain_letters(text)))
                    ),
                    lambda text: build.bare_place(text)
                ),
                lambda bare: length(bare) >= 3 and bare is distinct from town
            ),
            lambda bare: build.in_any_order(bare)
        )",

    "keys_in_areas(kind, areas, texts) as
        flatten(list_transform(areas, lambda area: list_transform(texts, lambda text: kind || '|' || area || '|' || text)))",

    "code_in(text) as nullif(regexp_extract(text, '\\b([0-9]{4,6}|[0-9]{3} [0-9]{2,3})\\b'), '')",

    "without_code(text, bare_code) as
        -- A text (plain) without a postal code, also where blanks are in it.
        case
            when regexp_full_match(bare_code, '[a-z0-9]{4,}')
                then regexp_replace(text, array_to_string(string_split(bare_code, ''), '[ -]?'), ' ', 'g')
            else text
        end",

    "code_without_country(code, country) as
        case when starts_with(code, lower(country)) then substr(code, length(country) + 1) else code end",

    "keys_of_number(number, country, code, towns, words, as_secret) as
        -- The keys of a number of an address abroad, in a postal code or in a town.
        list_concat(
            ['abroad|' || country || '|' || code || '|' || number],
            flatten(list_transform(towns, lambda town: flatten(list_transform(words, lambda word: [
                case
                    when as_secret or code is null
                        then 'abroad in|' || country || '|' || town || '|' || word || '|' || number
                end,
                case
                    when not as_secret or code is null
                        then 'of abroad|' || country || '|' || town || '|' || word || '|' || number
                end
            ]))))
        )",

    "keys_abroad(country, postal_code, town, texts, as_secret) as
        -- The keys of an address abroad, in whatever members its parts stand: each number in the texts but the postal code, in
        -- that postal code or, where one of two addresses tells none, in a town that it names, with how its words begin; and
        -- what is named without a number.
        list_concat(
            flatten(list_transform([build.plain_letters(array_to_string(texts, ' '))], lambda text: flatten(list_transform(
                [coalesce(postal_code, build.code_in(text))],
                lambda code: flatten(list_transform(
                    [{
                        'code': build.code_without_country(build.bare_place(code), country),
                        'towns': list_concat([build.bare_place(town)], build.names_of_places(texts, null)),
                        'words': list_distinct(list_transform(
                            list_filter(
                                string_split_regex(text, '[^a-z]+'),
                                lambda word: length(word) >= 4 and not list_contains(build.no_names(), word)
                            ),
                            lambda word: left(word, 4)
                        ))
                    }],
                    lambda parts: flatten(list_transform(
                        regexp_extract_all(build.without_code(text, parts.code), '[0-9]+'),
                        lambda number: build.keys_of_number(
                            nullif(ltrim(number, '0'), ''), coalesce(country, ''), parts.code, parts.towns, parts.words, as_secret
                        )
                    ))
                ))
            )))),
            build.keys_in_areas(
                'farm abroad',
                [
                    coalesce(country, '') || '|' || build.code_without_country(build.bare_place(postal_code), country),
                    coalesce(country, '') || '|' || build.bare_place(town)
                ],
                build.names_of_places(texts, build.bare_place(town))
            )
        )",

    "other_line(line, own_house) as
        -- A line of an address, unless it is its own street and house again, with the dwelling and the postal place.
        case
            when not coalesce(starts_with(line, own_house), false)
                or not regexp_full_match(
                    substr(line, length(own_house) + 1), '( [HKLU][0-9]{4})?(, [0-9]{4} [^0-9,/;(]*)?'
                )
                then line
        end",

    "key_numbers(keys) as
        list_distinct(list_transform(list_filter(keys, lambda key: key is not null), lambda key: hash(key)))",

    "address_identifier(given) as
        -- An identifier of Matrikkelen without zeros in front; NULL for what is no number.
        nullif(ltrim(regexp_extract(trim(given), '^[0-9]+$'), '0'), '')",

    "is_dwelling_text(apartment_number) as
        -- Whether what stands for the number of a dwelling is a text, in which a place may be written.
        regexp_matches(apartment_number, '\\p{L}{3}')",

    "house_digits(house_number, house_letter) as
        -- The digits of a house number, whichever of number and letter holds them.
        regexp_extract(build.bare_house(house_number, house_letter), '^[0-9]+')",

    "house_letters(house_number, house_letter) as
        -- The letters behind the digits of a house number.
        regexp_extract(build.bare_house(house_number, house_letter), '^[0-9]*(.*)$', 1)",

    "street_key(kommunenummer, adressekode, house_number, house_letter) as
        -- What identifies a street address in Matrikkelen: kommune, adressekode, number and letter; NULL unless kommune,
        -- adressekode and number are known.
        kommunenummer || '|' || ltrim(cast(adressekode as varchar), '0') || '|'
        || ltrim(cast(house_number as varchar), '0') || '|' || lower(coalesce(house_letter, ''))",

    "plot_key(kommunenummer, cadastral_number, property_number, leasehold_number, sub_number) as
        -- What identifies a cadastral address in Matrikkelen: kommune, gaardsnummer, bruksnummer, festenummer and undernummer;
        -- NULL unless the first three are known. No festenummer or undernummer is the same as 0.
        kommunenummer || '|' || cadastral_number || '|' || property_number || '|'
        || coalesce(leasehold_number, 0) || '|' || coalesce(sub_number, 0)",

    "street_name_key(street_name, house_number, house_letter, postal_code) as
        -- A street address by name: the name however it is spelt, number and letter within the postal code; NULL unless name,
        -- number and postal code are known.
        postal_code || '|' || build.street_spelling(street_name) || '|'
        || ltrim(cast(house_number as varchar), '0') || '|' || lower(coalesce(house_letter, ''))",

    "in_common(given) as
        -- Of the rows of a group, the value that all who have one have; NULL where they differ.
        case when min(given) = max(given) then min(given) end",

    "is_in_norway(a) as coalesce(nullif(a.country, 'NO'), '') = ''",

    "postal_code_in_norway(a) as case when build.is_in_norway(a) then lpad(trim(a.postal_code), 4, '0') end",

    "town_in_norway(a) as case when build.is_in_norway(a) then build.bare_place(a.postal_place) end",

    "plot_of(a) as nullif(a.cadastral_number, 0) || '/' || a.property_number",

    "keys_in_kommune(a, kommune, as_secret) as
        -- Of `place_keys` those by kommune: road, name, plot, plot in.
        [
            'road|' || kommune || '|' || nullif(nullif(ltrim(trim(a.street_number), '0'), ''), '99999')
            || '|' || nullif(a.bare_house, ''),
            'name|' || kommune || '|' || a.bare_street || '|' || a.bare_house,
            'plot|' || kommune || '|' || build.plot_of(a)
            || coalesce('/' || nullif(a.leasehold_number, 0), case when as_secret then '/*' else '/-' end),
            case
                when not as_secret then 'plot|' || kommune || '|' || build.plot_of(a) || '/*'
                when nullif(a.leasehold_number, 0) is not null then 'plot|' || kommune || '|' || build.plot_of(a) || '/-'
            end,
            case when as_secret then 'plot in|' || kommune || '|' || build.plot_of(a) end
        ]",

    "keys_without_area(a, house, lacks_kommune, lacks_code, as_secret) as
        -- Of `place_keys` those of a house that are the same in whatever area: any.
        [
            case when as_secret or (lacks_kommune and lacks_code) then 'any|' || house end,
            case when case when as_secret then lacks_kommune else lacks_code end then 'no kommuneany|' || house end,
            case when case when as_secret then lacks_code else lacks_kommune end then 'no codeany|' || house end
        ]",

    "keys_of_bearers(a) as
        -- Of `place_keys` those of the names that an address bears: co, family.
        list_concat(
            case
                when a.co_address is not null or a.additional_name is not null or a.post_box is not null or len(a.free_lines) > 0
                    then list_concat(
                        build.keys_of_name(a.co_address),
                        build.keys_of_name(a.additional_name),
                        build.names_in_lines(a.free_lines),
                        build.names_in_lines([a.post_box]),
                        build.keys_in_areas(
                            'family',
                            [build.postal_code_in_norway(a)],
                            list_concat(build.words_of_name(a.co_address), build.words_behind_co(a.free_lines))
                        )
                    )
            end,
            case when build.says_co(a.street_name) then build.keys_of_name(a.street_name) end
        )",

    "place_keys(a, as_secret) as
        -- The keys of an address, as numbers. a: a row with the columns of `address_shape` and `place_columns`, and present_st
        -- (the kommune of today of its kommunenummer, where it is one). By:
        -- id       Matrikkelen's identifier of the address, in whatever kommune
        -- near     the identifier of an address close by, where it has none of its own
        -- road     kommune, adressekode and house
        -- name     kommune, name of the street and house
        -- post     postal code, name of the street and house; for a post address, whose kommune is not told
        -- any      name of the street and house, where one side tells no kommune and the other no postal code, or the one that
        --          is not secret tells neither
        -- plot     kommune, gards- and bruksnummer, with the festenummer where both sides have one
        -- town     postal place, name of the street and house, whatever the postal code
        -- plot in  kommune or postal code, gards- and bruksnummer, where others write them in a text
        -- abroad   country, postal code or town, and a number of a house
        -- farm     kommune or postal code, and a name of a place without a number: a farm, a building, a street without a house
        -- co       two words of somebody's name it bears
        -- family   postal code and a word of the name it bears
        -- Kommune is both the one that it says and the one of today. as_secret: the keys by which others' addresses are sought
        -- when this one is secret: a plot without a festenummer is any of its plots, one with a festenummer is also the plot
        -- itself.
        build.key_numbers(list_concat(
            [
                'id|' || build.address_identifier(a.matrikkel_address_id),
                case
                    when build.address_identifier(a.matrikkel_address_id) is null
                        then 'near|' || build.address_identifier(a.near_matrikkel_address_id)
                end,
                'post|' || build.postal_code_in_norway(a) || '|' || a.bare_street || '|' || a.bare_house,
                'town|' || build.town_in_norway(a) || '|' || a.bare_street || '|' || nullif(a.bare_house, ''),
                case when as_secret then 'plot in|' || build.postal_code_in_norway(a) || '|' || build.plot_of(a) end
            ],
            build.keys_in_kommune(a, lpad(trim(a.st), 4, '0'), as_secret),
            build.keys_in_kommune(a, a.present_st, as_secret),
            case
                when build.is_in_norway(a)
                    then build.keys_without_area(
                        a,
                        a.bare_street || '|' || nullif(a.bare_house, ''),
                        coalesce(trim(a.st), '') = '',
                        coalesce(trim(a.postal_code), '') = '',
                        as_secret
                    )
            end,
            -- Few addresses have such texts.
            case
                when a.bare_house = '' or a.additional_name is not null or a.building is not null or len(a.free_lines) > 0
                    then build.keys_in_areas(
                        'farm',
                        [
                            build.postal_code_in_norway(a),
                            case when not as_secret or a.bare_house = '' then lpad(trim(a.st), 4, '0') end,
                            case when not as_secret or a.bare_house = '' then a.present_st end
                        ],
                        build.names_of_places(
                            list_concat(
                                [a.additional_name, a.building, case when a.bare_house = '' then a.street_name end],
                                a.free_lines
                            ),
                            build.bare_place(a.postal_place)
                        )
                    )
            end,
            case
                when a.is_abroad or not build.is_in_norway(a)
                    then build.keys_abroad(
                        a.country, a.postal_code, a.postal_place,
                        list_concat(
                            [
                                a.street_name, a.house_number, a.building, a.floor_and_unit, a.additional_name,
                                case when not as_secret then a.post_box end
                            ],
                            a.free_lines
                        ),
                        as_secret
                    )
            end,
            case when not as_secret then build.keys_of_bearers(a) end,
            -- Also where a street or a plot is written elsewhere than in its field: in the name of the street, in lines.
            build.keys_of_texts(
                [
                    case
                        when regexp_matches(a.street_name, '[\\p{N},(/]')
                            or not regexp_full_match(
                                concat(a.house_number, a.house_letter), ' *[0-9]* *[A-Za-zÆØÅæøå]? *'
                            )
                            then concat_ws(' ', a.street_name, a.house_number, a.house_letter)
                    end,
                    array_to_string(a.free_lines, ' , ')
                ],
                [build.postal_code_in_norway(a)],
                [build.town_in_norway(a)],
                [lpad(trim(a.st), 4, '0'), a.present_st],
                as_secret
            ),
            build.keys_of_texts(
                list_concat(
                    [a.co_address, a.additional_name],
                    case
                        when not as_secret
                            then [
                                case when build.is_in_norway(a) then a.building end,
                                case when regexp_matches(a.post_box, '\\p{L}') then a.post_box end,
                                case when build.is_dwelling_text(a.apartment_number) then a.apartment_number end,
                                case when regexp_matches(a.street_number, '\\p{L}') then a.street_number end,
                                a.postal_place
                            ]
                    end
                ),
                null, null, null, as_secret
            )
        ))",

    "position_keys(east, north) as
        -- The key of a position in EPSG 25833, to the metre, for a source that tells coordinates.
        build.key_numbers(['at|' || round(east) || '|' || round(north)])",

    "street_keys(a) as
        -- Of `place_keys` those by kommune, name of the street and house, for what is published: `a` has st, present_st and
        -- `place_columns`. None without a house: what PREG shows of a number that is no number is none.
        build.key_numbers(list_transform(
            [a.st, a.present_st],
            lambda kommune: 'name|' || kommune || '|' || a.bare_street || '|' || nullif(a.bare_house, '')
        ))",

    "keys_of_person_names(given, middle, family, postal_code) as
        -- The keys of the names under which others would have post sent to a person: a given name or its first letter, or the
        -- middle name, with the family name or the middle name. Where the person lives, the family name alone is enough.
        build.key_numbers(list_concat(
            build.keys_of_words(
                list_concat(
                    build.words_of_name(given), list_transform(build.words_of_name(given), lambda word: left(word, 1))
                ),
                build.words_of_name(concat_ws(' ', middle, family))
            ),
            -- A word with itself is a name only where somebody is called so: Ali Ali.
            build.keys_of_words(
                build.words_of_name(middle),
                list_filter(
                    build.words_of_name(family), lambda name: not list_contains(build.words_of_name(middle), name)
                )
            ),
            build.keys_in_areas('family', [postal_code], build.words_of_name(concat_ws(' ', middle, family)))
        ))"

    ]) }}
{%- endmacro %}

{#-
    What an address says of where it is: the columns of `address_shape` that `place_keys` reads. Entries that say the same in
    all of them are one place (`place_key` of int_address__entry), and keyed once. A row that is given to `place_keys` has no
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

{#- An address as `place_keys` reads it, of a relation that has other columns beside `place_members` and `place_columns`. -#}
{% macro place_row(a) -%}
    {
        {%- for name in place_members() + ['present_st', 'bare_street', 'bare_house'] -%}
        '{{ name }}': {{ a }}.{{ name }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    }
{%- endmacro %}

{#- What `place_keys` compares of an address, as columns of a relation `a`: worked out once, and used in several keys. -#}
{% macro place_columns(a) -%}
    build.bare_street({{ a }}.street_name) as bare_street,
    build.bare_house({{ a }}.house_number, {{ a }}.house_letter) as bare_house
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
