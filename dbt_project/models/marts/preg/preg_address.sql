-- The addresses of PREG as they are now. A field's rule is in macros/preg_address.sql; what it reads of Freg's entry is
-- in stg_freg__bostedsadresse and its like; which address is shown, in int_address__chosen; grunnkrets, bydel and
-- coordinates, in int_address__enriched; what is derived of them (the last four digits), in int_preg__address.
with final as (
    select * exclude (document_number, person_nin, is_present, is_in_preg)
    from {{ ref('int_preg__address') }}
    where is_present and is_in_preg
)

select * from final
