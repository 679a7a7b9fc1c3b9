-- The persons of a pair of sides in whom a compared field differs, column by column (left_, right_).
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('person', ref('int_touched__pair')) }}"
) }}
-- depends_on: {{ ref('field_mapping') }}
-- depends_on: {{ ref('preg_person') }}
-- depends_on: {{ ref('preg_address') }}
-- depends_on: {{ ref('int_legacy__person') }}
-- depends_on: {{ ref('int_legacy__address') }}
-- depends_on: {{ ref('int_persontjenesten__person') }}
-- depends_on: {{ ref('int_persontjenesten__address') }}
-- depends_on: {{ ref('int_comparison__pair') }}
with final as (
    {{ pairs_that_differ('person', compared_fields(['Person', 'Store'])) }}
)

select * from final
