{#-
    A text in small letters, each letter with its mark as one character. NUL, at which the engine would cut the text, is the
    replacement character.
-#}
{% macro small_letters(text) -%}
    {{ return(adapter.dispatch('small_letters', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__small_letters(text) -%}
    lower(nfc_normalize(replace({{ text }}, chr(0), chr(65533))))
{%- endmacro %}
