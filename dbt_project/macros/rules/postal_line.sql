{#-
    The n-th of PREG's three lines (AddressLine1-3) of a separate postal address: at most two of what stands above the postal
    code (`lines`, what is more than two joined in the second), then postal code and place, abroad with the country, in
    capitals; each of at most 30 characters. The last line that is filled holds postal code and place.
-#}
{% macro postal_line(lines, postal_code, postal_place, country_abroad, n) -%}
    {%- set above = list_concat([
        list_without_blanks([list_item(lines, 1)]),
        list_without_blanks([list_join(list_tail(lines, 2), ', ')]),
    ]) -%}
    {%- set last = "trim(concat_ws(' ', " ~ postal_code ~ ', ' ~ in_capitals(postal_place) ~ ', ' ~ in_capitals(country_abroad) ~ '))' -%}
    {{ at_most(list_item(list_concat([above, list_without_blanks([last])]), n), 30) }}
{%- endmacro %}
