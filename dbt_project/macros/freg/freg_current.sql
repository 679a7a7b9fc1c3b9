{#- The entries of a Freg element that hold now: marked erGjeldende, or without an end where nothing is marked. -#}
{% macro freg_current(element) -%}
    {{ list_filter(element, 'entry', 'coalesce(entry.erGjeldende, entry.opphoerstidspunkt is null)') }}
{%- endmacro %}
