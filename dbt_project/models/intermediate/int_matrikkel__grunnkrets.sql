-- One row a grunnkrets: its name and the bydel that it lies in, from the correspondence table, else from the addresses.
{{ config(materialized='incremental', incremental_strategy='append') }}
with correspondence as (
    select * from {{ ref('stg_matrikkel__grunnkrets_bydel') }}
),

of_addresses as (
    select
        grunnkretsnummer,
        min(grunnkretsnavn) as grunnkretsnavn
    from {{ ref('stg_matrikkel__adresse') }}
    where grunnkretsnummer is not null
    group by grunnkretsnummer
),

final as (
    select
        coalesce(of_addresses.grunnkretsnummer, correspondence.grunnkretsnummer) as grunnkretsnummer,
        coalesce(of_addresses.grunnkretsnavn, correspondence.grunnkretsnavn) as grunnkretsnavn,
        correspondence.bydelsnummer,
        coalesce(correspondence.bydelsnavn, bydel.bydelsnavn) as bydelsnavn
    from of_addresses
    full outer join correspondence on of_addresses.grunnkretsnummer = correspondence.grunnkretsnummer
    left join {{ ref('bydel') }} as bydel on correspondence.bydelsnummer = bydel.bydelsnummer
)

select * from final
{{ built_once() }}
