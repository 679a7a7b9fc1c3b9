{#- The entries of a Freg element that hold now (`freg_holds`). -#}
{% macro freg_current(element) -%}
    {{ list_filter(element, 'entry', freg_holds()) }}
{%- endmacro %}
