{#- The first value that is known; several sources in their order of trust. -#}
{% macro first_known(values) -%}
    coalesce({{ values | join(', ') }})
{%- endmacro %}
