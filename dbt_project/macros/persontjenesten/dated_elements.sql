{#- For each element: when the latest of its entries was registered. A list of expressions. -#}
{% macro dated_elements(elements) -%}
    {%- set expressions = [] -%}
    {%- for element in elements -%}
        {%- do expressions.append(list_largest(list_map(element, 'entry', 'entry.registeredAt'))) -%}
    {%- endfor -%}
    {{ return(expressions) }}
{%- endmacro %}
