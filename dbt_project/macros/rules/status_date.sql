{#- Since when the registration status holds; of a dead person, the day of death. -#}
{% macro status_date(code, valid_from, death_date) -%}
    case when {{ code }} = '5' then coalesce({{ death_date }}, {{ valid_from }}) else {{ valid_from }} end
{%- endmacro %}
