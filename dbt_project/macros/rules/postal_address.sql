{#- A postal address as one line: the lines, postal code and place, and the country in capitals where it is abroad. -#}
{% macro postal_address(lines, postal_code, postal_place, country_abroad) -%}
    {{ list_join(list_concat([
        lines,
        list_without_blanks([
            "trim(coalesce(" ~ postal_code ~ " || ' ', '') || coalesce(" ~ postal_place ~ ", ''))",
            'upper(' ~ country_abroad ~ ')',
        ]),
    ]), ', ') }}
{%- endmacro %}
