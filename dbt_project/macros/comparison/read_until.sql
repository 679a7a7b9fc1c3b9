{#-
    When each side of the comparison was last read, `<side>_at`, NULL for a side that has delivered nothing, and `today`: the
    day of the newest delivery. One row.
-#}
{% macro read_until() -%}
    select
        {%- for side, source in [('preg', 'freg'), ('legacy', 'preg'), ('persontjenesten', 'persontjenesten')] %}
        max(case when source = '{{ source }}' then created_at end) as {{ side }}_at,
        {%- endfor %}
        cast(max(created_at) as date) as today
    from {{ ref('stg_landing__delivery') }}
    where is_in_force
{%- endmacro %}
