{#- Of several entries of a Persontjeneste element, the one that came into force last. -#}
{% macro persontjenesten_latest(entries) -%}
    {{ list_latest(entries, ['validFrom', 'registeredAt']) }}
{%- endmacro %}
