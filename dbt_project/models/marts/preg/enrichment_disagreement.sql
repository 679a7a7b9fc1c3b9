-- The present addresses whose grunnkrets by Freg is another than Matrikkelen's.
with final as (
    select
        nin,
        address_type,
        st,
        freg_grunnkrets_number,
        matrikkel_grunnkrets_number,
        enrichment_method
    from {{ ref('int_address__enriched') }}
    where
        is_present
        and is_current
        and not is_hidden
        and freg_grunnkrets_number <> matrikkel_grunnkrets_number
)

select * from final
