{#- Whether everything is built anew, so that nobody in particular is touched. -#}
{% macro is_whole_build() -%}
    {{ return(not execute or this is none or should_full_refresh()) }}
{%- endmacro %}
