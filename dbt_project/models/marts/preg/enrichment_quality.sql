-- How the grunnkrets of the present addresses was found, by kommune; of hidden addresses without kommune.
{{ config(materialized='table') }}
with addresses as (
    select
        case when not is_hidden then st end as st,
        enrichment_method,
        enrichment_reason,
        not is_hidden and freg_grunnkrets_number <> matrikkel_grunnkrets_number as is_disputed
    from {{ ref('int_address__enriched') }}
    where is_present and is_current
),

counted as (
    select
        st,
        enrichment_method,
        enrichment_reason,
        count(*) as addresses,
        count(case when is_disputed then 1 end) as disputed
    from addresses
    group by st, enrichment_method, enrichment_reason
),

final as (
    select
        st,
        enrichment_method,
        enrichment_reason,
        addresses,
        addresses / cast(sum(addresses) over (partition by st) as double) as share,
        disputed
    from counted
)

select * from final
