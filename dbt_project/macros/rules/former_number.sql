{#-
    The number that the present one replaced: of the other numbers of the record, the one that ended last. `numbers` is a
    list of entries with a number, a beginning and an end, by the names given.
-#}
{% macro former_number(numbers, present, number_key, from_key, to_key) -%}
    {{ list_latest(list_filter(numbers, 'entry', 'entry.' ~ number_key ~ ' <> ' ~ present), [to_key, from_key]) }}.{{ number_key }}
{%- endmacro %}
