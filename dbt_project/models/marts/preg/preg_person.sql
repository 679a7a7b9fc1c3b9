-- The person record of PREG as it is now: the fields of int_preg__person, each by its rule in macros/preg_person.sql.
with final as (
    select * exclude (document_number, person_nin, is_present)
    from {{ ref('int_preg__person') }}
    where is_present
)

select * from final
