{#-
    The calendar day in Oslo of a point in time (the session's time zone is Europe/Oslo, see profiles.yml). Before 1980
    the days of Freg are midnights, in an offset that its writer had from one table of time zones and DuckDB from another
    (Norway's summers of 1916 to 1965, and the time before 1895, are not in all of them): the nearest midnight counts.
-#}
{% macro local_date(point_in_time) -%}
    {{ return(adapter.dispatch('local_date', 'preg')(point_in_time)) }}
{%- endmacro %}

{% macro duckdb__local_date(point_in_time) -%}
    cast(
        {{ point_in_time }}
        + case when {{ point_in_time }} < timestamptz '1980-01-01 00:00:00+01' then interval 1 hour else interval 0 hour end
        as date
    )
{%- endmacro %}
