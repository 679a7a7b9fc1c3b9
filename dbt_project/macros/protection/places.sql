{#-
    Which addresses are one place, however each of them is written: two addresses with a key in common are, or may be, the same
    house; with dwelling numbers that do not contradict each other, the same dwelling. In doubt they are (docs/protection.md). How
    texts are compared: place_functions.sql.
-#}

{#- What `place_keys` compares of an address, as columns of a relation `a`: worked out once, and used in several keys. -#}
{% macro place_columns(a) -%}
    build.bare_street({{ a }}.street_name) as bare_street,
    build.bare_house({{ a }}.house_number, {{ a }}.house_letter) as bare_house
{%- endmacro %}

{#- The number of a dwelling in its one form; NULL where it is not known. -#}
{% macro dwelling_number(text) -%}
    build.dwelling_number({{ text }})
{%- endmacro %}

{#-
    The keys of an address, as numbers. `a`: a relation with the columns of `address_shape` and `place_columns`, and `present_st`
    (the kommune of today of its kommunenummer, where it is one). By:

    id       Matrikkelen's identifier of the address, in whatever kommune
    near     the identifier of an address close by, where it has none of its own
    road     kommune, adressekode and house
    name     kommune, name of the street and house
    post     postal code, name of the street and house; for a post address, whose kommune is not told
    any      name of the street and house, where one side tells no kommune and the other no postal code, or one tells neither
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
    {%- set plot = "nullif(" ~ a ~ ".cadastral_number, 0) || '/' || " ~ a ~ ".property_number" -%}
    {%- set lease = "nullif(" ~ a ~ ".leasehold_number, 0)" -%}
    {%- set is_in_norway = "coalesce(nullif(" ~ a ~ ".country, 'NO'), '') = ''" -%}
    {%- set postal_code = 'case when ' ~ is_in_norway ~ ' then lpad(trim(' ~ a ~ ".postal_code), 4, '0') end" -%}
    {%- set id = "nullif(ltrim(regexp_extract(trim(" ~ a ~ ".matrikkel_address_id), '^[0-9]+$'), '0'), '')" -%}
    {%- set any = "'any|' || " ~ street ~ " || '|' || nullif(" ~ house ~ ", '')" -%}
    {%- set lacks_kommune = "coalesce(trim(" ~ a ~ ".st), '') = ''" -%}
    {%- set lacks_code = "coalesce(trim(" ~ a ~ ".postal_code), '') = ''" -%}
    {%- set kommuner = ['lpad(trim(' ~ a ~ ".st), 4, '0')", a ~ '.present_st'] -%}
    build.key_numbers(list_concat(
        [
            'id|' || {{ id }},
            case
                when {{ id }} is null
                    then 'near|' || nullif({{ without_leading_zeros('trim(' ~ a ~ '.near_matrikkel_address_id)') }}, '')
            end,
            {%- for kommune in kommuner %}
            'road|' || {{ kommune }} || '|' || nullif(nullif({{ code }}, ''), '99999') || '|' || nullif({{ house }}, ''),
            'name|' || {{ kommune }} || '|' || {{ street }} || '|' || {{ house }},
            {%- if as_secret %}
            'plot|' || {{ kommune }} || '|' || {{ plot }} || coalesce('/' || {{ lease }}, '/*'),
            case when {{ lease }} is not null then 'plot|' || {{ kommune }} || '|' || {{ plot }} || '/-' end,
            {%- else %}
            'plot|' || {{ kommune }} || '|' || {{ plot }} || '/*',
            'plot|' || {{ kommune }} || '|' || {{ plot }} || coalesce('/' || {{ lease }}, '/-'),
            {%- endif %}
            {%- endfor %}
            'post|' || {{ postal_code }} || '|' || {{ street }} || '|' || {{ house }},
            case
                when {{ is_in_norway }} and ({{ as_secret | lower }} or ({{ lacks_kommune }} and {{ lacks_code }}))
                    then {{ any }}
            end,
            case
                when {{ is_in_norway }} and {{ lacks_kommune if as_secret else lacks_code }} then 'no kommune' || {{ any }}
            end,
            case when {{ is_in_norway }} and {{ lacks_code if as_secret else lacks_kommune }} then 'no code' || {{ any }} end,
            {%- if not as_secret %}
            case when {{ a }}.co_address is not null then 'co|' || build.name_words({{ a }}.co_address) end,
            {%- endif %}
            'line|' || coalesce({{ a }}.country, '') || '|' || build.house_line({{ a }}.street_name)
        ],
        {%- if not as_secret %}
        build.names_in_lines({{ a }}.free_lines),
        {%- endif %}
        -- Also where a street is written elsewhere than in its field: the number in its name, in a c/o, in two lines.
        build.keys_of_lines(
            list_filter(
                list_concat(
                    [
                        case
                            when regexp_matches({{ a }}.street_name, '[0-9]')
                                then concat_ws(' ', {{ a }}.street_name, {{ a }}.house_number)
                        end,
                        {{ a }}.co_address,
                        {{ a }}.additional_name,
                        array_to_string({{ a }}.free_lines, ' ')
                    ],
                    {{ a }}.free_lines
                ),
                lambda line: regexp_matches(line, '[0-9]')
            ),
            {{ a }}.country, {{ postal_code }}, {{ as_secret | lower }}
        )
    ))
{%- endmacro %}

{#-
    Of `place_keys` those by kommune, name of the street and house, for what is published: `a` has st, present_st and
    `place_columns`. None without a house: what PREG shows of a number that is no number is none.
-#}
{% macro street_keys(a) -%}
    build.key_numbers([
        {%- for kommune in ['st', 'present_st'] %}
        'name|' || {{ a }}.{{ kommune }} || '|' || {{ a }}.bare_street || '|' || nullif({{ a }}.bare_house, ''){{ ',' if not loop.last }}
        {%- endfor %}
    ])
{%- endmacro %}

{#- The digits of a house number, and the letters behind them, whichever of number and letter holds them. -#}
{% macro house_digits(house_number, house_letter) -%}
    regexp_extract(build.bare_house({{ house_number }}, {{ house_letter }}), '^[0-9]+')
{%- endmacro %}

{% macro house_letters(house_number, house_letter) -%}
    regexp_extract(build.bare_house({{ house_number }}, {{ house_letter }}), '^[0-9]*(.*)$', 1)
{%- endmacro %}

{#- The keys of the names under which others would have post sent to a person: all of it, without the middle name, the first
    given name, or its first letter, with the family name. -#}
{% macro keys_of_names(given, middle, family) -%}
    build.key_numbers(list_filter([
        'co|' || build.name_words(concat_ws(' ', {{ given }}, {{ middle }}, {{ family }})),
        'co|' || build.name_words(concat_ws(' ', {{ given }}, {{ family }})),
        'co|' || build.name_words(concat_ws(' ', split_part(trim({{ given }}), ' ', 1), {{ family }})),
        'co|' || build.name_words(concat_ws(' ', left(trim({{ given }}), 1), {{ family }}))
    ], lambda key: contains(key, ' ')))
{%- endmacro %}
