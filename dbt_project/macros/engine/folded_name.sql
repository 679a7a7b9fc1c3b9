{#-
    A text without what does not matter in a name: letter case, spaces at the ends, repeated spaces, how a letter with a mark
    is put together, and the marks of letters that are not Norwegian (é as e, ü as u). Æ, ø and å are letters of their own.
-#}
{% macro folded_name(text) -%}
    {{ return(adapter.dispatch('folded_name', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__folded_name(text) -%}
    replace(
        strip_accents(
            replace(lower(nfc_normalize(regexp_replace(trim({{ text }}), '\s+', ' ', 'g'))), 'å', chr(1))
        ),
        chr(1), 'å'
    )
{%- endmacro %}
