{#- As a condition: the persons whom this build touches; in a build of everything, all. See `forget_touched`. -#}
{% macro only_touched(key, touched) -%}
    {%- if is_partial_build() -%}
        {{ key }} in (select number from {{ touched }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
