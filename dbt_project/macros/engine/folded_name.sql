{#-
    A text without what does not matter in a name: letter case, spaces at the ends, repeated spaces, how a letter with a mark
    is put together, and the marks of Latin letters that are not Norwegian (é as e, ü as u). Æ, ø and å are letters of their
    own. Of another script only letter case and spaces do not matter (`without_marks`).
-#}
{% macro folded_name(text) -%}
    {{ return(adapter.dispatch('folded_name', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__folded_name(text) -%}
    {{ without_marks(small_letters("regexp_replace(trim(" ~ text ~ "), '\\s+', ' ', 'g')")) }}
{%- endmacro %}
