{#-
    The join that `code_list` reads: the list `name`, by the column that holds the values of `source` (freg or
    persontjenesten), with `value`.
-#}
{% macro code_list_join(alias, name, source, value) -%}
    left join {{ ref('code_list') }} as {{ alias }}
        on {{ alias }}.code_list = '{{ name }}' and {{ alias }}.{{ source }}_value = {{ value }}
{%- endmacro %}
