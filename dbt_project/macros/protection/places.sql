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
    {%- set postal_code = 'lpad(trim(' ~ a ~ ".postal_code), 4, '0')" -%}
    {%- set kommuner = ['lpad(trim(' ~ a ~ ".st), 4, '0')", a ~ '.present_st'] -%}
    build.key_numbers(list_concat(
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
            'post|' || {{ postal_code }} || '|' || {{ street }} || '|' || {{ house }},
            case
                when {{ as_secret | lower }} or coalesce(trim({{ a }}.st), trim({{ a }}.postal_code), '') = ''
                    then 'any|' || {{ street }} || '|' || nullif({{ house }}, '')
            end,
            {%- if not as_secret %}
            case when {{ a }}.co_address is not null then 'co|' || build.name_words({{ a }}.co_address) end,
            {%- endif %}
            'line|' || coalesce({{ a }}.country, '') || '|' || build.house_line({{ a }}.street_name)
        ],
        {%- if not as_secret %}
        build.names_in_lines({{ a }}.free_lines),
        {%- endif %}
        build.keys_of_lines({{ a }}.free_lines, {{ a }}.country, {{ postal_code }}, {{ as_secret | lower }})
    ))
{%- endmacro %}

{#- Of `place_keys` those by the name of the street, for what is published: `a` has st, present_st, postal_code, `place_columns`. -#}
{% macro street_keys(a) -%}
    build.key_numbers([
        {%- for kommune in ['st', 'present_st'] %}
        'name|' || {{ a }}.{{ kommune }} || '|' || {{ a }}.bare_street || '|' || {{ a }}.bare_house,
        {%- endfor %}
        'post|' || {{ a }}.postal_code || '|' || {{ a }}.bare_street || '|' || {{ a }}.bare_house
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
    given name with the family name. -#}
{% macro keys_of_names(given, middle, family) -%}
    build.key_numbers(list_filter([
        'co|' || build.name_words(concat_ws(' ', {{ given }}, {{ middle }}, {{ family }})),
        'co|' || build.name_words(concat_ws(' ', {{ given }}, {{ family }})),
        'co|' || build.name_words(concat_ws(' ', split_part(trim({{ given }}), ' ', 1), {{ family }}))
    ], lambda key: contains(key, ' ')))
{%- endmacro %}
