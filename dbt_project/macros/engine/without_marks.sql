{#-
    A text whose Latin letters have lost their marks (é as e), but for å, which is a letter of its own. In another script a
    mark is part of a letter or a letter itself (й is not и, most vowels of राम are marks): a text in which there is any
    stays as it is.
-#}
{% macro without_marks(text) -%}
    {{ return(adapter.dispatch('without_marks', 'preg')(text)) }}
{%- endmacro %}

{% macro duckdb__without_marks(text) -%}
    list_transform([{{ text }}], lambda marked: case
        when regexp_matches(marked, '[^\p{Latin}\p{Common}\p{Inherited}]') then marked
        else array_to_string(list_transform(string_split(marked, 'å'), lambda between: strip_accents(between)), 'å')
    end)[1]
{%- endmacro %}
