{#-
    A code of the running PREG where a code list has it: PREG's own (`preg_codes`), or ours where no PREG list is known. A
    value that neither knows is no code.
-#}
{% macro known_code(name, column) -%}
    case
        when
            cast({{ column }} as varchar) in (
                select code from {{ ref('preg_codes') }} where code_list = '{{ name }}'
                union all
                select code from {{ ref('code_list') }} where code_list = '{{ name }}'
            )
            then {{ column }}
    end
{%- endmacro %}
