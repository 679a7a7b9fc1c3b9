{#-
    The code of a code list for the source's value: the column `code` of `code_list`, joined as `alias` by `value`.
    missing: the code of who has no value. A value that the list does not have is no code, never the missing one's.
-#}
{% macro code_list(alias, type='varchar', missing=none, value=none) -%}
    {%- if missing is none -%}
    cast({{ alias }}.code as {{ type }})
    {%- else -%}
    cast(case when {{ value }} is null then '{{ missing }}' else {{ alias }}.code end as {{ type }})
    {%- endif -%}
{%- endmacro %}
