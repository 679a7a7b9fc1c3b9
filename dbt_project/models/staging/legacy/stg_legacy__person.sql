-- One row per person of the running PREG, under our names; empty texts are no value.
-- depends_on: {{ ref('field_mapping') }}
-- depends_on: {{ ref('preg_fields') }}
{%- set columns = preg_columns(['Person', 'Store']) %}
with final as (
    select
        document_number,
        {% for column in columns %}
        {{ legacy_value(column) }} as {{ column.column_name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_legacy__dokument') }}
)

select * from final
