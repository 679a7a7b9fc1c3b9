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
        ) as recency
    from {{ source('raw', raw_table) }} as matrikkel
    inner join deliveries on matrikkel.delivery_number = deliveries.delivery_number
),

final as (
    select
        {{ (key + columns + (built.keys() | list)) | join(',\n        ') }}
    from ranked
    where recency = 1
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

{#-
    What identifies a street address in Matrikkelen: kommune, adressekode, number and letter; NULL unless kommune,
    adressekode and number are known.
-#}
{% macro street_key(kommunenummer, adressekode, house_number, house_letter) -%}
    {{ kommunenummer }} || '|' || ltrim(cast({{ adressekode }} as varchar), '0') || '|'
    || ltrim(cast({{ house_number }} as varchar), '0') || '|' || lower(coalesce({{ house_letter }}, ''))
{%- endmacro %}

{#-
    What identifies a cadastral address in Matrikkelen: kommune, gaardsnummer, bruksnummer, festenummer and undernummer;
    NULL unless the first three are known. No festenummer or undernummer is the same as 0.
-#}
{% macro plot_key(kommunenummer, cadastral_number, property_number, leasehold_number, sub_number) -%}
    {{ kommunenummer }} || '|' || {{ cadastral_number }} || '|' || {{ property_number }} || '|'
    || coalesce({{ leasehold_number }}, 0) || '|' || coalesce({{ sub_number }}, 0)
{%- endmacro %}

{#-
    A street address by name: the name however it is spelt (`bare_street`), number and letter within the postal code;
    NULL unless name, number and postal code are known.
-#}
{% macro street_name_key(street_name, house_number, house_letter, postal_code) -%}
    {{ postal_code }} || '|' || build.street_spelling({{ street_name }}) || '|'
    || ltrim(cast({{ house_number }} as varchar), '0')
    || '|' || lower(coalesce({{ house_letter }}, ''))
{%- endmacro %}
