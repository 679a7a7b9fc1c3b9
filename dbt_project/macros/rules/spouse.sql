{#- The person named by the present civil status, else the present family relation of spouse or partner. -#}
{% macro spouse(by_civil_status, by_relation) -%}
    coalesce({{ by_civil_status }}, {{ by_relation }})
{%- endmacro %}
