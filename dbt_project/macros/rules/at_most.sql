{#- A text as far as PREG had room for it, without a space at the cut. -#}
{% macro at_most(text, characters) -%}
    rtrim(left({{ text }}, {{ characters }}))
{%- endmacro %}
