{#- The calendar day in Oslo of a point in time (the session's time zone is Europe/Oslo, see profiles.yml). -#}
{% macro local_date(point_in_time) -%}
    {{ return(adapter.dispatch('local_date', 'preg')(point_in_time)) }}
{%- endmacro %}

{% macro duckdb__local_date(point_in_time) -%}
    cast({{ point_in_time }} as date)
{%- endmacro %}
