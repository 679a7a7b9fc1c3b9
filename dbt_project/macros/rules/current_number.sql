{#- The number in use; of a record that has none, the last it had. Chosen once, where records become persons. -#}
{% macro current_number(number) -%}
    {{ number }}
{%- endmacro %}
