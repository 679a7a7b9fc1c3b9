{#- As an aggregate: the texts of the left and of the right side, row by row, as one list for `differ_only_by`. -#}
{% macro texts_side_by_side(left, right) -%}
    {{ return(adapter.dispatch('texts_side_by_side', 'preg')(left, right)) }}
{%- endmacro %}

{% macro duckdb__texts_side_by_side(left, right) -%}
    list({'left_text': {{ left }}, 'right_text': {{ right }}})
{%- endmacro %}
