{#-
    The rows in force of a table of Matrikkelen: the latest of each key, in what was delivered since the last full
    delivery of the table. key, columns: names in the raw table; `built` are further columns, as SQL. Of rows of one
    delivery the first by `then_by` counts, or by the columns.
-#}
{% macro latest_rows(raw_table, key, columns, built={}, then_by=none) -%}
with deliveries as (
    select
        delivery_number,
        delivery_rank
    from {{ ref('stg_landing__delivery') }}
    where raw_table = '{{ raw_table }}' and is_in_force
),

ranked as (
    select
        {%- for column in key + columns %}
        matrikkel.{{ column }},
        {%- endfor %}
        {%- for name, expression in built.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        row_number() over (
            partition by matrikkel.{{ key | join(', matrikkel.') }}
            order by deliveries.delivery_rank desc, {{ then_by or 'matrikkel.' ~ columns | join(', matrikkel.') }}
        ) as row_rank
    from {{ source('raw', raw_table) }} as matrikkel
    inner join deliveries on matrikkel.delivery_number = deliveries.delivery_number
),

final as (
    select
        {{ (key + columns + (built.keys() | list)) | join(',\n        ') }}
    from ranked
    where row_rank = 1
)

select * from final
{%- endmacro %}

{#-
    A coordinate in metres of EPSG 25833: the converted one, else the one delivered where that is its system; `oest` or
    `nord` of a raw table of Matrikkelen. What comes without a coordinate system is in the usual one. The point 0;0 stands
    for none.
-#}
{% macro utm33(column, is_usual_system) -%}
    case
        when matrikkel.oest <> 0 or matrikkel.nord <> 0
            then coalesce(
                matrikkel.{{ column }}_utm33,
                case when {{ is_usual_system }} then cast(matrikkel.{{ column }} as decimal(12, 2)) end
            )
    end
{%- endmacro %}
