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

{#- An identifier of Matrikkelen without zeros in front; NULL for what is no number. -#}
{% macro address_identifier(text) -%}
    nullif(ltrim(regexp_extract(trim({{ text }}), '^[0-9]+$'), '0'), '')
{%- endmacro %}

{#-
    The keys of an address, as numbers. `a`: a relation with the columns of `address_shape` and `place_columns`, and `present_st`
    (the kommune of today of its kommunenummer, where it is one). By:

    id       Matrikkelen's identifier of the address, in whatever kommune
    near     the identifier of an address close by, where it has none of its own
    road     kommune, adressekode and house
    name     kommune, name of the street and house
    post     postal code, name of the street and house; for a post address, whose kommune is not told
    any      name of the street and house, where one side tells no kommune and the other no postal code, or the one that is
             not secret tells neither
    plot     kommune, gards- and bruksnummer, with the festenummer where both sides have one
    town     postal place, name of the street and house, whatever the postal code
    plot in  kommune or postal code, gards- and bruksnummer, where others write them in a text
    abroad   country, postal code or town, and a number of a house
    farm     kommune or postal code, and a name of a place without a number: a farm, a building, a street without a house
    co       two words of somebody's name it bears
    family   postal code and a word of the name it bears

    Kommune is both the one that it says and the one of today. as_secret: the keys by which others' addresses are sought when this
    one is secret: a plot without a festenummer is any of its plots, one with a festenummer is also the plot itself.
-#}
{% macro place_keys(a, as_secret=false) -%}
    {%- set house = a ~ '.bare_house' -%}
    {%- set street = a ~ '.bare_street' -%}
    {%- set code = 'ltrim(trim(' ~ a ~ ".street_number), '0')" -%}
    {%- set plot = "nullif(" ~ a ~ ".cadastral_number, 0) || '/' || " ~ a ~ ".property_number" -%}
    {%- set lease = "nullif(" ~ a ~ ".leasehold_number, 0)" -%}
    {%- set is_in_norway = "coalesce(nullif(" ~ a ~ ".country, 'NO'), '') = ''" -%}
    {%- set postal_code = 'case when ' ~ is_in_norway ~ ' then lpad(trim(' ~ a ~ ".postal_code), 4, '0') end" -%}
    {%- set id = address_identifier(a ~ '.matrikkel_address_id') -%}
    {%- set any = "'any|' || " ~ street ~ " || '|' || nullif(" ~ house ~ ", '')" -%}
    {%- set lacks_kommune = "coalesce(trim(" ~ a ~ ".st), '') = ''" -%}
    {%- set lacks_code = "coalesce(trim(" ~ a ~ ".postal_code), '') = ''" -%}
    {%- set kommuner = ['lpad(trim(' ~ a ~ ".st), 4, '0')", a ~ '.present_st'] -%}
    {%- set town = 'case when ' ~ is_in_norway ~ ' then build.bare_place(' ~ a ~ '.postal_place) end' -%}
    {%- set names_of_places = 'build.names_of_places(list_concat([' ~ a ~ '.additional_name, ' ~ a ~ '.building, case when ' ~ house ~ " = '' then " ~ a ~ '.street_name end], ' ~ a ~ '.free_lines), build.bare_place(' ~ a ~ '.postal_place))' -%}
    build.key_numbers(list_concat(
        [
            'id|' || {{ id }},
            case
                when {{ id }} is null
                    then 'near|' || {{ address_identifier(a ~ '.near_matrikkel_address_id') }}
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
            'town|' || {{ town }} || '|' || {{ street }} || '|' || nullif({{ house }}, '')
            {%- if as_secret %},
            {%- for area in [postal_code] + kommuner %}
            'plot in|' || {{ area }} || '|' || {{ plot }}{{ ',' if not loop.last }}
            {%- endfor %}
            {%- endif %}
        ],
        -- Few addresses have such texts.
        case
            when {{ house }} = '' or {{ a }}.additional_name is not null or {{ a }}.building is not null
                or len({{ a }}.free_lines) > 0
                then build.keys_in_areas(
                    'farm',
                    [
                        {{ postal_code }}
                        {%- for kommune in kommuner %},
                        {% if as_secret %}case when {{ house }} = '' then {{ kommune }} end{% else %}{{ kommune }}{% endif %}
                        {%- endfor %}
                    ],
                    {{ names_of_places }}
                )
        end,
        case
            when {{ a }}.is_abroad or not {{ is_in_norway }}
                then build.keys_abroad(
                    {{ a }}.country, {{ a }}.postal_code, {{ a }}.postal_place,
                    list_concat(
                        [
                            {{ a }}.street_name, {{ a }}.house_number, {{ a }}.building, {{ a }}.floor_and_unit,
                            {{ a }}.additional_name{% if not as_secret %}, {{ a }}.post_box{% endif %}
                        ],
                        {{ a }}.free_lines
                    ),
                    {{ as_secret | lower }}
                )
        end,
        {%- if not as_secret %}
        case
            when {{ a }}.co_address is not null or {{ a }}.additional_name is not null or {{ a }}.post_box is not null
                or len({{ a }}.free_lines) > 0
                then list_concat(
                    build.keys_of_name({{ a }}.co_address),
                    build.keys_of_name({{ a }}.additional_name),
                    build.names_in_lines({{ a }}.free_lines),
                    build.names_in_lines([{{ a }}.post_box]),
                    build.keys_in_areas('family', [{{ postal_code }}], build.words_of_name({{ a }}.co_address)),
                    build.keys_in_areas('family', [{{ postal_code }}], build.words_behind_co({{ a }}.free_lines))
                )
        end,
        case when build.says_co({{ a }}.street_name) then build.keys_of_name({{ a }}.street_name) end,
        {%- endif %}
        -- Also where a street or a plot is written elsewhere than in its field: in the name of the street, in lines.
        build.keys_of_texts(
            [
                case
                    when regexp_matches({{ a }}.street_name, '[\p{N},(/]')
                        or not regexp_full_match(
                            concat({{ a }}.house_number, {{ a }}.house_letter), ' *[0-9]* *[A-Za-zÆØÅæøå]? *'
                        )
                        then concat_ws(' ', {{ a }}.street_name, {{ a }}.house_number, {{ a }}.house_letter)
                end,
                array_to_string({{ a }}.free_lines, ' , ')
            ],
            [{{ postal_code }}], [{{ town }}], [{{ kommuner | join(', ') }}], {{ as_secret | lower }}
        ),
        build.keys_of_texts(
            [
                {{ a }}.co_address,
                {{ a }}.additional_name
                {%- if not as_secret %},
                case when {{ is_in_norway }} then {{ a }}.building end,
                case when regexp_matches({{ a }}.post_box, '\p{L}') then {{ a }}.post_box end,
                case when regexp_matches({{ a }}.apartment_number, '\p{L}{3}') then {{ a }}.apartment_number end,
                case when regexp_matches({{ a }}.street_number, '\p{L}') then {{ a }}.street_number end,
                {{ a }}.postal_place
                {%- endif %}
            ],
            null, null, null, {{ as_secret | lower }}
        )
    ))
{%- endmacro %}

{#- A text, where it has a number and may name a house. -#}
{% macro text_with_number(text) -%}
    case when build.has_number({{ text }}) then {{ text }} end
{%- endmacro %}

{#- The key of a position in EPSG 25833, to the metre, for a source that tells coordinates. -#}
{% macro position_keys(east, north) -%}
    build.key_numbers(['at|' || round({{ east }}) || '|' || round({{ north }})])
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

{#- The digits of a house number, whichever of number and letter holds them. -#}
{% macro house_digits(house_number, house_letter) -%}
    regexp_extract(build.bare_house({{ house_number }}, {{ house_letter }}), '^[0-9]+')
{%- endmacro %}

{#- The letters behind the digits of a house number. -#}
{% macro house_letters(house_number, house_letter) -%}
    regexp_extract(build.bare_house({{ house_number }}, {{ house_letter }}), '^[0-9]*(.*)$', 1)
{%- endmacro %}

{#-
    The keys of the names under which others would have post sent to a person: a given name or its first letter, or the middle
    name, with the family name or the middle name. Where the person lives, the family name alone is enough.
-#}
{% macro keys_of_person_names(given, middle, family, postal_code) -%}
    {%- set families = 'build.words_of_name(concat_ws(' ~ "' ', " ~ middle ~ ', ' ~ family ~ '))' -%}
    build.key_numbers(list_concat(
        build.keys_of_words(
            list_concat(
                build.words_of_name({{ given }}),
                list_transform(build.words_of_name({{ given }}), lambda word: left(word, 1))
            ),
            {{ families }}
        ),
        -- A word with itself is a name only where somebody is called so: Ali Ali.
        build.keys_of_words(
            build.words_of_name({{ middle }}),
            list_filter(build.words_of_name({{ family }}), lambda name: not list_contains(build.words_of_name({{ middle }}), name))
        ),
        build.keys_in_areas('family', [{{ postal_code }}], {{ families }})
    ))
{%- endmacro %}
