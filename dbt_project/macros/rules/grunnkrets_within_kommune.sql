{#- The number of a grunnkrets within its kommune (the last four of its eight digits) as a number. -#}
{% macro grunnkrets_within_kommune(grunnkrets_number) -%}
    {{ whole_number(last_characters(grunnkrets_number, 4)) }}
{%- endmacro %}
