{#- The entries of a Persontjeneste element that hold now: marked isValid, or without an end where nothing is marked. -#}
{% macro persontjenesten_current(element) -%}
    {{ list_filter(element, 'entry', 'coalesce(entry.isValid, entry.validTo is null)') }}
{%- endmacro %}
