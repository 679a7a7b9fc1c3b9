{#- For a list of columns: `<alias>.<column> as <side>_<column>`, comma-separated. -#}
{% macro paired_columns(alias, side, columns) -%}
    {%- for column in columns %}
    {{ alias }}.{{ column }} as {{ side }}_{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
