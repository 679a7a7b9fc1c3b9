{#-
    A text as we keep it: its letters put together in one way (Unicode NFC), without the spaces that a source pads with;
    NULL where nothing is left. What stands within the text stays as it is.
-#}
{% macro tidied(text) -%}
    {{ return(adapter.dispatch('tidied', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__tidied(text) -%}
    nullif(trim(nfc_normalize({{ text }})), '')
{%- endmacro %}
