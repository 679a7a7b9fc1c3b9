{#- J (ja) where the condition holds, blank elsewhere. -#}
{% macro yes_or_blank(condition) -%}
    case when {{ condition }} then 'J' end
{%- endmacro %}
