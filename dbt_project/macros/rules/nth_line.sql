{#- The n-th line of a postal address; the third takes all that is left. -#}
{% macro nth_line(lines, n) -%}
    {%- if n == 3 -%}
    {{ list_join(list_tail(lines, 3), ', ') }}
    {%- else -%}
    {{ list_item(lines, n) }}
    {%- endif -%}
{%- endmacro %}
