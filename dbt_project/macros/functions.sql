{#-
    On-run-start: functions in the warehouse (schema `build`), written once for models, tests and anyone who looks into the
    warehouse: how texts, points in time and entries of Freg and Persontjenesten are read (`warehouse_functions`), and how
    texts of places are compared (`place_functions`). In the engine's own words: another engine has another file of them.
-#}
{% macro create_functions() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed', 'test') -%}
        {%- do run_query('create schema if not exists build') -%}
        {%- for function in warehouse_functions() + place_functions() -%}
            {%- do run_query('create or replace macro build.' ~ function) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- The functions that are not about places; each as `name(parameters) as expression`. -#}
{% macro warehouse_functions() -%}
    {{ return([

    "tidied(given) as
        -- A text as we keep it: its letters put together in one way (Unicode NFC), without the spaces that a source pads
        -- with; NULL where nothing is left. What stands within the text stays as it is.
        nullif(trim(nfc_normalize(given)), '')",

    "without_blanks(texts) as list_filter(texts, lambda text: trim(coalesce(text, '')) <> '')",

    "left_padded(given, width) as
        -- With zeros in front; what is longer stays as it is.
        lpad(cast(given as varchar), cast(greatest(width, length(cast(given as varchar))) as integer), '0')",

    "real_number(given) as
        -- A number of a person; NULL for one digit written all over (00000000000), which stands for no number.
        case when given <> repeat(left(given, 1), length(given)) then given end",

    "local_date(point_in_time) as
        -- The calendar day in Oslo (the session's time zone is Europe/Oslo, see profiles.yml). Before 1980 the days of Freg
        -- are midnights, in an offset that its writer had from one table of time zones and DuckDB from another (Norway's
        -- summers of 1916 to 1965, and the time before 1895, are not in all of them): the nearest midnight counts.
        cast(
            point_in_time
            + case when point_in_time < timestamptz '1980-01-01 00:00:00+01' then interval 1 hour else interval 0 hour end
            as date
        )",

    "small_letters(given) as
        -- Each letter with its mark as one character. NUL, at which the engine would cut the text, is the replacement character.
        lower(nfc_normalize(replace(given, chr(0), chr(65533))))",

    "without_marks(given) as
        -- Latin letters without their marks (é as e), but for å, which is a letter of its own. In another script a mark is part
        -- of a letter or a letter itself (й is not и, most vowels of राम are marks): a text in which there is any stays as it is.
        list_transform([given], lambda marked: case
            when regexp_matches(marked, '[^\\p{Latin}\\p{Common}\\p{Inherited}]') then marked
            else array_to_string(list_transform(string_split(marked, 'å'), lambda between: strip_accents(between)), 'å')
        end)[1]",

    "folded_name(given) as
        -- Without what does not matter in a name: letter case, spaces at the ends, repeated spaces, how a letter with a mark is
        -- put together, and the marks of Latin letters that are not Norwegian (é as e, ü as u). Æ, ø and å are letters of
        -- their own. Of another script only letter case and spaces do not matter.
        build.without_marks(build.small_letters(regexp_replace(trim(given), '\\s+', ' ', 'g')))",

    "in_a_spelling(letters, spelling) as
        -- Letters and digits alone, in one of the spellings of `same_letters`; numbers without leading zeros.
        regexp_replace(
            regexp_replace(build.without_marks(translate(
                replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
                    letters,
                    'å', spelling.ring), 'ø', 'o' || spelling.e), 'ö', 'o' || spelling.e), 'ä', 'a' || spelling.e),
                    'ü', 'u' || spelling.e), 'æ', 'ae'), 'œ', 'oe'), 'ĳ', 'ij'), 'ß', 'ss'), 'þ', 'th'),
                'đðħıłŀŋŧſ', 'ddhillnts'
            )), '\\b0+(\\d)', '\\1', 'g'),
            '[^\\p{L}\\p{M}\\p{N}?\\x{FFFD}]', '', 'g'
        )",

    "same_letters(left_text, right_text) as
        -- Whether two texts are the same letters and digits, written differently: without marks of Latin letters, without
        -- spaces and signs, numbers without leading zeros, and a letter that a keyboard lacks as the letters it is written with:
        -- ø, ö       o or oe        æ, œ, ĳ    ae, oe, ij
        -- å          a or aa        ß          ss
        -- ä, ü       a or ae, u or ue    þ     th
        -- đ, ð, ħ, ı, ł, ŀ, ŋ, ŧ, ſ      d, d, h, i, l, l, n, t, s
        -- (the letters of ICAO Doc 9303, part 3, that the Nordic countries and their neighbours write; the others are different
        -- letters.) Both texts are read in the same spelling: Bjørn is Bjorn and Bjoern, but Bjorn is not Bjoern, which has a
        -- letter more. Any other letter, of any script, is itself. So are ? and the replacement character: they stand where a
        -- letter was lost. Texts without a letter or digit are the same only when they are equal.
        list_transform(
            [{'left_letters': build.small_letters(left_text), 'right_letters': build.small_letters(right_text)}],
            lambda small: regexp_matches(small.left_letters, '[\\p{L}\\p{N}]') and list_contains(
                list_transform(
                    [{'ring': 'a', 'e': ''}, {'ring': 'a', 'e': 'e'}, {'ring': 'aa', 'e': ''}, {'ring': 'aa', 'e': 'e'}],
                    lambda spelling:
                        build.in_a_spelling(small.left_letters, spelling)
                        = build.in_a_spelling(small.right_letters, spelling)
                ),
                true
            )
        )[1]",

    "words(given) as
        -- Words and numbers of a text, each with a space before it and behind it.
        ' ' || trim(regexp_replace(regexp_replace(regexp_replace(
            build.folded_name(coalesce(given, '')),
            '[^\\p{L}\\p{M}\\p{N}]+', ' ', 'g'), '(\\p{N})(\\p{L})', '\\1 \\2', 'g'), '(\\p{L})(\\p{N})', '\\1 \\2', 'g')) || ' '",

    "differ_only_by(left_text, right_text, parts) as
        -- Whether two texts are the same words and numbers once each is read with the left side's parts: Storgata 12B and
        -- Nygata 12B differ only by the street, Storgata 12B and Nygata 14B do not. `parts`: a list of left_text and
        -- right_text. A part that only one side has is left out of that side's text. The longest parts are read first: a
        -- whole line before the street in it.
        list_transform(
            [list_reduce(
                list_reverse_sort(list_transform(parts, lambda part: {
                    'letters': length(coalesce(part.left_text, '')) + length(coalesce(part.right_text, '')),
                    'left_text': build.words(part.left_text),
                    'right_text': build.words(part.right_text)
                })),
                lambda so_far, part: {
                    'letters': 0,
                    'left_text':
                        case when part.right_text = '  ' then replace(so_far.left_text, part.left_text, ' ')
                            else so_far.left_text end,
                    'right_text':
                        case when part.right_text = '  ' then so_far.right_text
                            when part.left_text = '  ' then replace(so_far.right_text, part.right_text, ' ')
                            else replace(so_far.right_text, part.right_text, part.left_text) end
                },
                {'letters': 0, 'left_text': build.words(left_text), 'right_text': build.words(right_text)}
            )],
            lambda read: trim(read.left_text) = trim(read.right_text)
        )[1]",

    "street_spelling(street_name) as
        -- The name of a street without what is spelt in several ways: letter case, marks, spaces and signs, leading zeros, and
        -- the ending (Storgata, Storgaten and Storgt. are the same; so are Parkveien, Parkvegen and Parkv.). Letters that
        -- have no spelling without marks, of whatever script, stay. For finding a grunnkrets, where a wrong street does harm;
        -- `bare_street` is for hiding a place, and takes more for the same.
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        replace(replace(strip_accents(lower(street_name)), 'ø', 'o'), 'æ', 'ae'),
                        '\\b0+(\\d)', '\\1', 'g'
                    ),
                    '[^\\p{L}\\p{N}]', '', 'g'
                ),
                '(gata|gaten|gate|gt)$', 'gate'
            ),
            '(veien|vegen|vei|veg|vn|v)$', 'veg'
        )",

    "compared(
        field, left_value, right_value,
        left_own := null, right_own := null, left_meaning := null, right_meaning := null
    ) as
        -- A field of both sides of a comparison, as text. own: the source's own value of a recoded field; meaning: what a
        -- side means where it gives something else (the bydel that serves, not the one it lies in).
        {
            'field': field,
            'differs': left_value is distinct from right_value,
            'left_value': cast(left_value as varchar),
            'right_value': cast(right_value as varchar),
            'left_own': cast(left_own as varchar),
            'right_own': cast(right_own as varchar),
            'left_meaning': cast(left_meaning as varchar),
            'right_meaning': cast(right_meaning as varchar)
        }",

    "equal_by_rule(compare_rule, left_value, right_value, is_same_person) as
        -- Whether a compare rule of field_mapping takes two values for equal, though they are not literally the same.
        -- is_same_person: both are numbers of one person.
        coalesce(case
            -- Only the same value is equal. A day: a source's point in time has become the day in Norway before it comes here.
            -- A code: of PREG's code lists. A kommune: another number, even of what is one kommune today, is a difference (of
            -- code list). A person: another number of the same person is a difference (of identity).
            when compare_rule in ('exact', 'day', 'code', 'kommune', 'same_person') then false
            -- Whatever the letter case, spacing and foreign marks; the name of another year's list is a difference.
            when compare_rule in ('name', 'kommune_name', 'enriched_name')
                then build.folded_name(left_value) = build.folded_name(right_value)
            -- And commas.
            when compare_rule = 'address_line'
                then build.folded_name(replace(left_value, ',', ' ')) = build.folded_name(replace(right_value, ',', ' '))
            -- Whatever the leading zeros.
            when compare_rule in ('number', 'enriched')
                then try_cast(left_value as integer) = try_cast(right_value as integer)
            -- Metres.
            when compare_rule = 'coordinate'
                then abs(try_cast(left_value as double) - try_cast(right_value as double)) < 1
            -- Freg names a relative as it did when the relation was registered; PREG names the number of today.
            when compare_rule = 'relative' then is_same_person
            else error('field_mapping names a compare rule that build.equal_by_rule does not have: ' || compare_rule)
        end, false)",

    "changed(field, before, after) as
        -- A field in two states of a person, as text.
        {
            'field': field,
            'differs': before is distinct from after,
            'from_value': cast(before as varchar),
            'to_value': cast(after as varchar)
        }",

    "unless(is_hidden, given) as
        -- A value of an address, unless the address is hidden, or it is not known whether it is.
        case when not is_hidden then given end",

    "street_line(street_name, house_number, house_letter) as
        -- Street, house number and house letter: Storgata 1A. None where there is no street.
        street_name || coalesce(' ' || nullif(concat(ltrim(house_number, '0'), house_letter), ''), '')",

    "plot_line(cadastral_number, property_number, leasehold_number, sub_number) as
        -- A cadastral address as gardsnummer/bruksnummer/festenummer-undernummer: 12/34-2.
        cadastral_number || '/' || property_number
        || coalesce('/' || leasehold_number, '') || coalesce('-' || nullif(sub_number, 0), '')",

    "postal_lines(lines, postal_code, postal_place, country) as
        -- PREG's three lines (AddressLine1-3) of a separate postal address, as a list: at most two of what stands above the
        -- postal code (`lines`, what is more than two joined in the second), then postal code and place, abroad with the
        -- country, in capitals; each of at most 30 characters. The last line that is filled holds postal code and place.
        list_transform(
            build.without_blanks([
                lines[1],
                array_to_string(list_slice(lines, 2, len(lines)), ', '),
                trim(concat_ws(' ', postal_code, upper(postal_place), upper(country)))
            ]),
            lambda line: build.at_most(line, 30)
        )",

    "at_most(given, characters) as
        -- As far as PREG had room for a text, without a space at the cut.
        rtrim(left(given, characters))",

    "krets_of_residence(given, address_type) as
        -- The number of the valgkrets or skolekrets of a residence, as four digits with leading zeros. Nobody votes or goes to
        -- school by where they only stay or get their post.
        case when address_type = 'bostedsadresse' then build.left_padded(ltrim(given, '0'), 4) end",

    "address_type_rank(address_type) as
        -- Which of a person's present addresses is PREG's: the residence, else the stay, the postal address, the one abroad.
        case address_type
            when 'bostedsadresse' then 1
            when 'oppholdsadresse' then 2
            when 'postadresse' then 3
            when 'postadresseIUtlandet' then 4
        end",

    "freg_holds(entry, delivered_at) as
        -- Whether an entry of Freg holds on the day of its delivery: marked erGjeldende, or, where it is not marked, without an
        -- end that has come.
        coalesce(entry.erGjeldende, entry.opphoerstidspunkt is null or entry.opphoerstidspunkt > delivered_at)",

    "freg_current(entries, delivered_at) as
        -- The entries of a Freg element that hold now.
        list_filter(entries, lambda entry: build.freg_holds(entry, delivered_at))",

    "freg_latest(entries) as
        -- Of several entries of a Freg element, the one that came into force last; registered last where that is equal, and of
        -- equals the one that stands last. NULL for none.
        entries[list_max(list_transform(entries, lambda entry, place: {
            'valid': coalesce(entry.gyldighetstidspunkt, cast('-infinity' as timestamptz)),
            'registered': coalesce(entry.ajourholdstidspunkt, cast('-infinity' as timestamptz)),
            'place': place
        })).place]",

    "freg_relative(entries, role) as
        -- The latest entry of familierelasjon that names somebody in a role.
        build.freg_latest(list_filter(
            entries,
            lambda entry: entry.relatertPersonsRolle = role and build.real_number(entry.relatertPerson) is not null
        ))",

    "protection_stands(entry, delivered_at) as
        -- Whether an entry of Freg's adressebeskyttelse still stands: until its end is told, and has come by the time of the
        -- delivery. `erGjeldende: false` alone tells no end; `erGjeldende: true` stands whatever end it has.
        (
            coalesce(entry.erGjeldende, false)
            or entry.opphoerstidspunkt is null
            or coalesce(entry.opphoerstidspunkt > delivered_at, false)
        )",

    "persontjenesten_holds(entry) as
        -- Whether an entry of Persontjenesten holds: marked isValid, or without an end where nothing is marked.
        coalesce(entry.isValid, entry.validTo is null)",

    "persontjenesten_current(entries) as list_filter(entries, lambda entry: build.persontjenesten_holds(entry))",

    "persontjenesten_latest(entries) as
        -- Of several entries of a Persontjeneste element, the one that came into force last.
        entries[list_max(list_transform(entries, lambda entry, place: {
            'valid': coalesce(entry.validFrom, cast('-infinity' as timestamptz)),
            'registered': coalesce(entry.registeredAt, cast('-infinity' as timestamptz)),
            'place': place
        })).place]",

    "persontjenesten_relative(entries, role) as
        -- The latest entry of familyRelation that names somebody in a role.
        build.persontjenesten_latest(list_filter(
            entries,
            lambda entry: entry.relatedPersonsRole = role and build.real_number(entry.relatedPerson) is not null
        ))",

    "last_spouse(entries) as
        -- The number of the spouse or partner whom the history of civil status names last. entries: number, since, registered.
        entries[list_max(list_transform(entries, lambda entry, place: {
            'since': coalesce(entry.since, cast('-infinity' as timestamptz)),
            'registered': coalesce(entry.registered, cast('-infinity' as timestamptz)),
            'place': place
        })).place].number",

    "former_number(entries, present) as
        -- The number that the present one replaced: of the other numbers of the record, the one that ended last. entries:
        -- number, valid_from, valid_to.
        list_transform(
            [list_filter(entries, lambda entry: entry.number <> present)],
            lambda others: others[list_max(list_transform(others, lambda entry, place: {
                'ended': coalesce(entry.valid_to, cast('-infinity' as timestamptz)),
                'began': coalesce(entry.valid_from, cast('-infinity' as timestamptz)),
                'place': place
            })).place].number
        )[1]",

    "freg_person_grade(given) as
        -- A grade of a person's address protection: it fails closed. What is not exactly a grade of the code list (another
        -- spelling, a grade that the list does not have, an empty text, none) counts as the strictest. A person has no client
        -- address, so that grade is not known here either.
        case when given in ('ugradert', 'fortrolig') then given else 'strengtFortrolig' end",

    "freg_address_grade(given) as
        -- The same of an address, which may be a client's; no grade (NULL) is none.
        case
            when given is null or given in ('ugradert', 'klientadresse', 'fortrolig') then given
            else 'strengtFortrolig'
        end",

    "persontjenesten_person_grade(given) as
        case when given in ('Unclassified', 'Confidential') then given else 'StrictlyConfidential' end",

    "persontjenesten_address_grade(given) as
        case
            when given is null or given in ('Unclassified', 'ClientAddress', 'Confidential') then given
            else 'StrictlyConfidential'
        end",

    "strictest_grade(person_grade, address_grade) as
        -- The stricter of the person's grade and the address's, in either source's words: strict before confidential before
        -- client address; NULL for none of them.
        case
            when person_grade in ('strengtFortrolig', 'StrictlyConfidential') then person_grade
            when address_grade in ('strengtFortrolig', 'StrictlyConfidential') then address_grade
            when person_grade in ('fortrolig', 'Confidential') then person_grade
            when address_grade in ('fortrolig', 'Confidential') then address_grade
            when address_grade in ('klientadresse', 'ClientAddress') then address_grade
        end"

    ]) }}
{%- endmacro %}
