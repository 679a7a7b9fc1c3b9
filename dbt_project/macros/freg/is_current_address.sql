{#- Whether an address entry holds on the day of its delivery: an end that has not come is none. -#}
{% macro is_current_address() -%}
    coalesce(entry.erGjeldende, entry.opphoerstidspunkt is null or entry.opphoerstidspunkt > delivered_at)
{%- endmacro %}
