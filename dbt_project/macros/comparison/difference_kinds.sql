{#- The kinds of difference, in the order of the summary's columns. See docs/comparison.md. -#}
{% macro difference_kinds() -%}
    {{ return([
        'only_left', 'only_right', 'format', 'code_list', 'meaning', 'timing', 'protection', 'enrichment', 'identity',
        'unexplained', 'derived'
    ]) }}
{%- endmacro %}
