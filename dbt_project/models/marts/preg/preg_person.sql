-- The person record of PREG as it is now; each field by the rule that `field_mapping` names, in int_preg__person.
with final as (
    select
        nin,
        old_nin,
        new_nin,
        given_name,
        middle_name,
        sn,
        date_of_birth,
        reg_status,
        date_status,
        status_country_code,
        marital_status,
        date_marital_status,
        mothers_nin,
        fathers_nin,
        spouse_nin,
        citizenship,
        citizenship_code,
        date_citizenship,
        custody,
        date_custody,
        parental_responsibility,
        date_parental_responsibility,
        without_legal_capacity,
        date_without_legal_capacity,
        work_permit,
        date_work_permit,
        duf_no,
        gender,
        maiden_name,
        date_when_name_registered
    from {{ ref('int_preg__person') }}
    where is_present
)

select * from final
