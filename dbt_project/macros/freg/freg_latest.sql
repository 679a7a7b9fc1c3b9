{#- Of several entries of a Freg element, the one that came into force last; registered last where that is equal. -#}
{% macro freg_latest(entries) -%}
    {{ list_latest(entries, ['gyldighetstidspunkt', 'ajourholdstidspunkt']) }}
{%- endmacro %}
