{#-
    The lines of a postal address above the postal code, in their order on an envelope, as a list: c/o, the additional
    name of the place, the street, the building and the dwelling abroad, the post box; free lines as they are.
-#}
{% macro address_lines(address, street_line) -%}
    {{ list_concat([
        list_without_blanks([
            address ~ '.co_address', address ~ '.additional_name', street_line, address ~ '.building',
            address ~ '.floor_and_unit', address ~ '.post_box'
        ]),
        list_filter(address ~ '.free_lines', 'line', "trim(line) <> ''"),
    ]) }}
{%- endmacro %}
