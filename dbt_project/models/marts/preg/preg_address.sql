-- The addresses of PREG as they are now: the fields of int_preg__address, each by its rule in
-- macros/preg_address.sql.
with final as (
    select * exclude (document_number, person_nin, is_present, is_in_preg)
    from {{ ref('int_preg__address') }}
    where is_present and is_in_preg
)

select * from final
