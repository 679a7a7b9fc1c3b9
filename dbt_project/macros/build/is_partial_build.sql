{#- Whether this model only gets the rows of who is touched. A unit test builds a model whole: it has no relation of its own. -#}
{% macro is_partial_build() -%}
    {{ return(this is not none and is_incremental()) }}
{%- endmacro %}
