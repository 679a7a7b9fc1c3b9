-- One row per address of a person of the running PREG, under our names; empty texts are no value.
-- depends_on: {{ ref('field_mapping') }}
-- depends_on: {{ ref('preg_fields') }}
{%- set columns = preg_columns(['Address']) %}
with addresses as (
    select
        document_number,
        nin as person_nin,
        unnest(addresses) as entry
    from {{ ref('stg_legacy__dokument') }}
),

final as (
    select
        document_number,
        person_nin,
        {% for column in columns %}
        {{ legacy_value(column, 'entry.') }} as {{ column.column_name }}{{ ',' if not loop.last }}
        {% endfor %}
    from addresses
)

select * from final
