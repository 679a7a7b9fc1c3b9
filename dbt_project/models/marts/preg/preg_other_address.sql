-- Where a person is besides the address that PREG shows: the present stay (oppholdsadresse) of a person who has a
-- residence, and the shared residence (delt bosted) of a child with two homes; with what Matrikkelen knows of them.
with final as (
    select * exclude (document_number, person_nin, is_present, is_in_preg)
    from {{ ref('int_preg__address') }}
    where is_present and not is_in_preg
)

select * from final
