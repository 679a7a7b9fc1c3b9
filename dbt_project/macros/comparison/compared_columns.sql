{#-
    The compared columns of both sides side by side, `left_<column>` and `right_<column>`, and of each side what it has to
    explain them by (`<column>_value`, `<column>_meaning`); NULL where it has none. `owns`: the columns of each side's
    relation. Generated from the field mapping.
-#}
{% macro compared_columns(fields, owns) -%}
    {%- for side in ['left', 'right'] -%}
    {%- for field in fields -%}
    {%- for suffix in ['', '_value', '_meaning'] -%}
    {%- set column = field.column_name ~ suffix -%}
    {%- if column in owns[side] %}
    {{ side }}_side.{{ column }} as {{ side }}_{{ column }},
    {%- elif suffix == '' or column in owns['any'] %}
    cast(null as varchar) as {{ side }}_{{ column }},
    {%- endif -%}
    {%- endfor -%}
    {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
