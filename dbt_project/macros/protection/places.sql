{#-
    Which addresses are one place, however each of them is written: two addresses with a key in common are, or may be, the same
    house; with dwelling numbers that do not contradict each other, the same dwelling. In doubt they are (docs/protection.md).
-#}

{#-
    A text without what makes two ways of writing one word: marks, composed or not, letter case, blanks and signs (also those
    without width), letters of other alphabets that look like Latin ones, aa for å, zeros in front of a number. A text in another
    script, of which nothing would be left, stays as it is.
-#}
{% macro bare_place(text) -%}
    coalesce(
        nullif(replace({{ bare(latin_letters(text)) }}, 'aa', 'a'), ''),
        nullif(lower(trim({{ text }})), '')
    )
{%- endmacro %}

{#-
    A text in small letters, letters that look like Latin ones (Cyrillic, Greek, of full width) or are written as such where
    a keyboard lacks them (Sámi, Polish, Icelandic) as these.
-#}
{% macro latin_letters(text) -%}
    replace(translate(
        lower({{ text }}),
        'авекмнорстухіјѕԁɡһԛԝαβεικνορτυχłđŋŧðıａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９',
        'abekmhopctyxijsdghqwabeikvoptuxldntdiabcdefghijklmnopqrstuvwxyz0123456789'
    ), 'ß', 'ss')
{%- endmacro %}

{#- The name of a street without what is spelt in several ways: `bare_place`, with one form of each ending. -#}
{% macro bare_place_street(street_name) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace({{ bare_place(street_name) }}, '(gata|gaten|gate|gt)$', 'gate'),
            '(veien|vegen|vei|veg|vn|v)$', 'veg'
        ),
        '(plassen|plass|pl)$', 'plass'
    )
{%- endmacro %}

{#- House number and letter as one text without zeros in front: 05 and B, or 5B, as 5b; empty where neither is known. -#}
{% macro house_text(house_number, house_letter) -%}
    ltrim(coalesce({{ bare_place("concat(" ~ house_number ~ ", " ~ house_letter ~ ")") }}, ''), '0')
{%- endmacro %}

{#-
    The number of a dwelling in its one form, H0101, however it is written (H 0101, h101, HO101); NULL where it is not known or is
    no number of a dwelling (-, H0000).
-#}
{% macro dwelling_number(text) -%}
    {%- set plain = "upper(" ~ latin_letters("regexp_replace(coalesce(" ~ text ~ ", ''), '[^[:alnum:]]', '', 'g')") ~ ")" -%}
    case
        when regexp_full_match({{ plain }}, '[HKLU][0-9O]{3,4}') and not regexp_full_match({{ plain }}, '.[0O]+')
            then left({{ plain }}, 1) || lpad(replace(substr({{ plain }}, 2), 'O', '0'), 4, '0')
    end
{%- endmacro %}

{#-
    A name as its words in alphabetical order, without what stands before it in an address (c/o, v/, att.): the same for Kari
    Nordmann, NORDMANN, KARI and c/o Kari Nordmann. NULL without a word.
-#}
{% macro name_words(text) -%}
    nullif(array_to_string(list_sort(list_filter(
        string_split_regex(
            replace(replace(strip_accents({{ latin_letters(text) }}), 'ø', 'o'), 'æ', 'ae'), '[^a-z0-9]+'
        ),
        lambda word: length(word) > 1 and word not in ('co', 'ved', 'att', 'attn', 'hos')
    )), ' '), '')
{%- endmacro %}

{#- What `place_keys` compares of an address, as columns of a relation `a`: worked out once, and used in several keys. -#}
{% macro place_columns(a) -%}
    {{ bare_place_street(a ~ '.street_name') }} as bare_street,
    {{ house_text(a ~ '.house_number', a ~ '.house_letter') }} as bare_house
{%- endmacro %}

{#-
    The keys of an address, as numbers. `a`: a relation with the columns of `address_shape` and `place_columns`, and `present_st`
    (the kommune of today of its kommunenummer, where it is one). By:

    id       Matrikkelen's identifier of the address, in whatever kommune
    near     the identifier of an address close by, where it has none of its own
    road     kommune, adressekode and house
    name     kommune, name of the street and house
    post     postal code, name of the street and house; for a post address, whose kommune is not told
    any      name of the street and house, where neither kommune nor postal code is told
    plot     kommune, gards- and bruksnummer, with the festenummer where both sides have one
    line     a line of an address without a fixed form, or abroad, that names a house
    co       whoever's name it bears

    Kommune is both the one that it says and the one of today. as_secret: the keys by which others' addresses are sought when this
    one is secret: a plot without a festenummer is any of its plots, one with a festenummer is also the plot itself.
-#}
{% macro place_keys(a, as_secret=false) -%}
    {%- set house = a ~ '.bare_house' -%}
    {%- set street = a ~ '.bare_street' -%}
    {%- set code = without_leading_zeros('trim(' ~ a ~ '.street_number)') -%}
    {%- set plot = a ~ ".cadastral_number || '/' || " ~ a ~ ".property_number" -%}
    {%- set lease = "nullif(" ~ a ~ ".leasehold_number, 0)" -%}
    {%- set kommuner = ['lpad(trim(' ~ a ~ ".st), 4, '0')", a ~ '.present_st'] -%}
    list_distinct(list_transform(list_filter(list_concat(
        [
            'id|' || nullif({{ without_leading_zeros('trim(' ~ a ~ '.matrikkel_address_id)') }}, ''),
            case
                when coalesce(trim({{ a }}.matrikkel_address_id), '') = ''
                    then 'near|' || nullif({{ without_leading_zeros('trim(' ~ a ~ '.near_matrikkel_address_id)') }}, '')
            end,
            {%- for kommune in kommuner %}
            'road|' || {{ kommune }} || '|' || nullif({{ code }}, '') || '|' || nullif({{ house }}, ''),
            'name|' || {{ kommune }} || '|' || {{ street }} || '|' || {{ house }},
            {%- if as_secret %}
            'plot|' || {{ kommune }} || '|' || {{ plot }} || coalesce('/' || {{ lease }}, '/*'),
            case when {{ lease }} is not null then 'plot|' || {{ kommune }} || '|' || {{ plot }} || '/-' end,
            {%- else %}
            'plot|' || {{ kommune }} || '|' || {{ plot }} || '/*',
            'plot|' || {{ kommune }} || '|' || {{ plot }} || coalesce('/' || {{ lease }}, '/-'),
            {%- endif %}
            {%- endfor %}
            'post|' || lpad(trim({{ a }}.postal_code), 4, '0') || '|' || {{ street }} || '|' || {{ house }},
            case
                when {{ as_secret | lower }} or coalesce(trim({{ a }}.st), trim({{ a }}.postal_code), '') = ''
                    then 'any|' || {{ street }} || '|' || nullif({{ house }}, '')
            end,
            {%- if not as_secret %}
            case when {{ a }}.co_address is not null then 'co|' || {{ name_words(a ~ '.co_address') }} end,
            {%- endif %}
            'line|' || coalesce({{ a }}.country, '') || '|' || {{ house_line(a ~ '.street_name') }}
        ],
        {{ keys_of_lines(a, as_secret) }}
    ), lambda key: key is not null), lambda key: {{ content_key('key') }}))
{%- endmacro %}

{#- Of `place_keys` those by the name of the street, for what is published: `a` has st, present_st, postal_code, `place_columns`. -#}
{% macro street_keys(a) -%}
    [
        {%- for kommune in ['st', 'present_st'] %}
        {{ content_key("'name|' || " ~ a ~ '.' ~ kommune ~ " || '|' || " ~ a ~ ".bare_street || '|' || " ~ a ~ '.bare_house') }},
        {%- endfor %}
        {{ content_key("'post|' || " ~ a ~ ".postal_code || '|' || " ~ a ~ ".bare_street || '|' || " ~ a ~ '.bare_house') }}
    ]
{%- endmacro %}

{#- A line that names a house, bare; NULL for one without a number and letters. -#}
{% macro house_line(line) -%}
    case
        when regexp_matches({{ line }}, '[0-9]') and regexp_matches({{ line }}, '[[:alpha:]]')
            and not regexp_matches(trim({{ line }}), '^[0-9]{4} [^0-9]*$')
            and length({{ line }}) >= 6
            then {{ bare_place(line) }}
    end
{%- endmacro %}

{#-
    The keys of the free lines of an address: of each line whose name it bears, of each part between commas the line, and the street
    and house that it names, up to its first number and up to its last, in the postal code of the address and in that of its lines.
-#}
{% macro keys_of_lines(a, as_secret) -%}
    {%- set lines = "coalesce(" ~ a ~ ".free_lines, [])" -%}
    {%- set parts = "flatten(list_transform(" ~ lines ~ ", lambda line: string_split(line, ',')))" -%}
    {%- set own_code = "lpad(trim(" ~ a ~ ".postal_code), 4, '0')" -%}
    {%- set code_in_lines = "list_max(list_transform(" ~ parts
        ~ ", lambda part: nullif(regexp_extract(trim(part), '^([0-9]{4}) ', 1), '')))" -%}
    {%- set first = "'^([^0-9]*[^0-9 ]) *([0-9]+) *-?([[:alpha:]]?)($|[^[:alnum:]].*$)'" -%}
    {%- set last = "'^(.*[^0-9 ]) *([0-9]+) *-?([[:alpha:]]?)($|[^[:alnum:]].*$)'" -%}
    case when len({{ a }}.free_lines) > 0 then list_concat(
        {%- if as_secret %}
        [],
        {%- else %}
        list_transform(list_concat({{ lines }}, {{ parts }}), lambda part: 'co|' || {{ name_words('part') }}),
        {%- endif %}
        flatten(list_transform({{ parts }}, lambda part: [
            'line|' || coalesce({{ a }}.country, '') || '|' || {{ house_line('part') }}
            {%- for pattern in [first, last] %}
            {%- set street = bare_place_street("nullif(regexp_extract(trim(part), " ~ pattern ~ ", 1), '')") %}
            {%- set house = house_text("regexp_extract(trim(part), " ~ pattern ~ ", 2)",
                "regexp_extract(trim(part), " ~ pattern ~ ", 3)") %}
            {%- for code in [own_code, code_in_lines] %},
            'post|' || {{ code }} || '|' || {{ street }} || '|' || nullif({{ house }}, '')
            {%- endfor %},
            case
                when {{ as_secret | lower }} or coalesce({{ own_code }}, {{ code_in_lines }}) is null
                    then 'any|' || {{ street }} || '|' || nullif({{ house }}, '')
            end
            {%- endfor %}
        ]))
    ) else [] end
{%- endmacro %}

{#- The digits of a house number, and the letters behind them, whichever of number and letter holds them. -#}
{% macro house_digits(house_number, house_letter) -%}
    regexp_extract({{ house_text(house_number, house_letter) }}, '^[0-9]+')
{%- endmacro %}

{% macro house_letters(house_number, house_letter) -%}
    regexp_extract({{ house_text(house_number, house_letter) }}, '^[0-9]*(.*)$', 1)
{%- endmacro %}

{#- The keys of the names under which others would have post sent to a person: all of it, without the middle name, the first
    given name with the family name. -#}
{% macro keys_of_names(given, middle, family) -%}
    list_distinct(list_transform(list_filter([
        'co|' || {{ name_words("concat_ws(' ', " ~ given ~ ", " ~ middle ~ ", " ~ family ~ ")") }},
        'co|' || {{ name_words("concat_ws(' ', " ~ given ~ ", " ~ family ~ ")") }},
        'co|' || {{ name_words("concat_ws(' ', split_part(trim(" ~ given ~ "), ' ', 1), " ~ family ~ ")") }}
    ], lambda key: key is not null and contains(key, ' ')), lambda key: {{ content_key('key') }}))
{%- endmacro %}
