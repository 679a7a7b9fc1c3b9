{#- The father; a co-mother (medmor) counts as a parent and stands where the father would. -#}
{% macro second_parent(father, co_mother) -%}
    coalesce({{ father }}, {{ co_mother }})
{%- endmacro %}
