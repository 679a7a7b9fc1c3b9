{#- A number of a person; NULL for one digit written all over (00000000000), which stands for no number. -#}
{% macro real_number(number) -%}
    case when {{ number }} <> repeat(left({{ number }}, 1), length({{ number }})) then {{ number }} end
{%- endmacro %}
