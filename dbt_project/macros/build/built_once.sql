{#- The end of a model that changes only in a build of everything: in any other, no rows are added. -#}
{% macro built_once() -%}
    {{ 'where false' if is_partial_build() }}
{%- endmacro %}
