{#- The code of a code list for the source's value: the column `code` of `code_list`, joined as `alias`. -#}
{% macro code_list(alias, type='varchar', missing='null') -%}
    {%- if missing == 'null' -%}
    cast({{ alias }}.code as {{ type }})
    {%- else -%}
    cast(coalesce({{ alias }}.code, '{{ missing }}') as {{ type }})
    {%- endif -%}
{%- endmacro %}
