-- One row an address: the latest of each, in what was delivered since the last full delivery. Besides its identifier it
-- has the keys by which an address without one is found: `street_key`, `plot_key` and `street_name_key`.
{{ config(materialized='incremental', incremental_strategy='append') }}
with deliveries as (
    select
        delivery_number,
        delivery_rank
    from {{ ref('stg_landing__delivery') }}
    where raw_table = 'matrikkel_adresse' and is_in_force
),

addresses as (
    select
        matrikkel.lokal_id as adresse_id,
        matrikkel.kommunenummer,
        matrikkel.kommunenavn,
        matrikkel.adressetype,
        matrikkel.adressekode,
        matrikkel.adressenavn,
        matrikkel.nummer,
        matrikkel.bokstav,
        matrikkel.gardsnummer,
        matrikkel.bruksnummer,
        matrikkel.festenummer,
        matrikkel.undernummer,
        matrikkel.postnummer,
        matrikkel.poststed,
        {{ left_padded('matrikkel.grunnkretsnummer', 8) }} as grunnkretsnummer,
        matrikkel.grunnkretsnavn,
        matrikkel.valgkretsnummer,
        matrikkel.epsg_kode,
        matrikkel.nord,
        matrikkel.oest,
        row_number() over (
            partition by matrikkel.lokal_id
            order by deliveries.delivery_rank desc, matrikkel.bruksenhetsnummer asc
        ) as recency
    from {{ source('raw', 'matrikkel_adresse') }} as matrikkel
    inner join deliveries on matrikkel.delivery_number = deliveries.delivery_number
),

final as (
    select
        adresse_id,
        kommunenummer,
        kommunenavn,
        adressetype,
        adressekode,
        adressenavn,
        nummer,
        bokstav,
        gardsnummer,
        bruksnummer,
        festenummer,
        undernummer,
        postnummer,
        poststed,
        grunnkretsnummer,
        grunnkretsnavn,
        valgkretsnummer,
        epsg_kode,
        nord,
        oest,
        {{ street_key('kommunenummer', 'adressekode', 'nummer', 'bokstav') }} as street_key,
        {{ plot_key('kommunenummer', 'gardsnummer', 'bruksnummer', 'festenummer', 'undernummer') }} as plot_key,
        {{ street_name_key('adressenavn', 'nummer', 'bokstav', 'postnummer') }} as street_name_key
    from addresses
    where recency = 1
)

select * from final
{{ built_once() }}
