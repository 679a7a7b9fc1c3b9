{#- Whether a text is one word of letters, as codes are; nothing else can be told without telling more than a code. -#}
{% macro is_a_word(text) -%}
    {{ return(adapter.dispatch('is_a_word', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__is_a_word(text) -%}
    regexp_full_match({{ text }}, '[A-Za-z]{1,40}')
{%- endmacro %}
