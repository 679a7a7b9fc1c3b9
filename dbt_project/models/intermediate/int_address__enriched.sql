-- The addresses that PREG shows with what Matrikkelen knows of them. `enrichment_method` says how the grunnkrets was
-- found: by the address's own identifier, by that of an address close by, by Freg's own grunnkrets; `none` where it
-- was not, `hidden` where it must not be.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('person_nin', ref('int_touched__person')) }}"
) }}
with chosen as (
    select
        *,
        -- The keys of the joins; a condition on this side of a left join would make it compare every pair.
        case when not is_hidden then matrikkel_address_id end as own_key,
        case when not is_hidden then near_matrikkel_address_id end as near_key
    from {{ ref('int_address__chosen') }} as chosen
    where {{ only_just_built('chosen') }}
),

matched as (
    select
        {{ all_except('chosen', ['own_key', 'near_key']) }},
        coalesce(own.grunnkretsnummer, near.grunnkretsnummer) as matrikkel_grunnkrets_number,
        coalesce(own.valgkretsnummer, near.valgkretsnummer) as matrikkel_constituency,
        coalesce(own.kommunenavn, near.kommunenavn) as matrikkel_municipality,
        coalesce(own.oest, near.oest) as x_coord,
        coalesce(own.nord, near.nord) as y_coord,
        case
            when chosen.basic_statistical_unit is not null and chosen.st is not null
                then chosen.st || {{ left_padded('chosen.basic_statistical_unit', 4) }}
        end as freg_grunnkrets_number,
        case
            when chosen.is_hidden then 'hidden'
            when own.grunnkretsnummer is not null then 'adresse_id'
            when near.grunnkretsnummer is not null then 'naer_adresse_id'
            when chosen.basic_statistical_unit is not null and chosen.st is not null then 'freg_grunnkrets'
            else 'none'
        end as enrichment_method
    from chosen
    left join {{ ref('stg_matrikkel__adresse') }} as own on chosen.own_key = own.adresse_id
    left join {{ ref('stg_matrikkel__adresse') }} as near on chosen.near_key = near.adresse_id
),

numbered as (
    select
        {{ all_except('matched', ['grunnkrets_number']) }},
        case
            when not is_hidden then coalesce(matrikkel_grunnkrets_number, freg_grunnkrets_number)
        end as grunnkrets_number
    from matched
),

final as (
    select
        {{ all_except('numbered', ['grunnkrets_name', 'district_code', 'district_name']) }},
        grunnkrets.grunnkretsnavn as grunnkrets_name,
        grunnkrets.bydelsnummer as district_code,
        grunnkrets.bydelsnavn as district_name
    from numbered
    left join {{ ref('int_matrikkel__grunnkrets') }} as grunnkrets
        on numbered.grunnkrets_number = grunnkrets.grunnkretsnummer
)

select * from final
