{#-
    The number that the present one replaced: of the other numbers of the record, the one that ended last. `numbers` is a
    list of entries with a number, a beginning and an end, by the names given. A number leads to one person: who else lists
    it, as after a split of which one event has come, does not show it; `not_when` says when it is another's.
-#}
{% macro former_number(numbers, present, number_key, from_key, to_key, not_when=none) -%}
    {%- set former = list_latest(list_filter(numbers, 'entry', 'entry.' ~ number_key ~ ' <> ' ~ present), [to_key, from_key])
        ~ '.' ~ number_key -%}
    {%- if not_when -%}
    case when not coalesce({{ not_when }}, false) then {{ former }} end
    {%- else -%}
    {{ former }}
    {%- endif -%}
{%- endmacro %}
