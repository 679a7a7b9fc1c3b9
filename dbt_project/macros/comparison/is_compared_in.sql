{#-
    Whether a field is compared in a pair: Persontjenesten has no word for some of PREG's fields, and then there is nothing
    to hold against it.
-#}
{% macro is_compared_in(pair, field) -%}
    {{ return(field.persontjenesten_path != '' or 'persontjenesten' not in [pair.left, pair.right]) }}
{%- endmacro %}
