-- The person record of PREG as it is now. A field's rule is in macros/preg_person.sql; which of Freg's entries it reads
-- is in stg_freg__person; retired numbers of relatives are replaced in int_preg__person.
with final as (
    select * exclude (document_number, person_nin, is_present)
    from {{ ref('int_preg__person') }}
    where is_present
)

select * from final
