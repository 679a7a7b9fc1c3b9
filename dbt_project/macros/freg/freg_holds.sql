{#-
    Whether an `entry` of Freg holds on the day of its delivery (`delivered_at`): marked erGjeldende, or, where it is not
    marked, without an end that has come.
-#}
{% macro freg_holds() -%}
    coalesce(entry.erGjeldende, entry.opphoerstidspunkt is null or entry.opphoerstidspunkt > delivered_at)
{%- endmacro %}
