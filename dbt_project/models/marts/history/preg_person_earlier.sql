-- The person record of PREG as shown before: one set a state of preg_state that is past, in the columns of preg_person.
with final as (
    select
        states.sekvensnummer as sequence_number,
        states.person_nin,
        shown.nin,
        shown.old_nin,
        shown.new_nin,
        shown.given_name,
        shown.middle_name,
        shown.sn,
        shown.date_of_birth,
        shown.reg_status,
        shown.date_status,
        shown.status_country_code,
        shown.marital_status,
        shown.date_marital_status,
        shown.mothers_nin,
        shown.fathers_nin,
        shown.spouse_nin,
        shown.citizenship,
        shown.citizenship_code,
        shown.date_citizenship,
        shown.custody,
        shown.date_custody,
        shown.parental_responsibility,
        shown.date_parental_responsibility,
        shown.without_legal_capacity,
        shown.date_without_legal_capacity,
        shown.work_permit,
        shown.date_work_permit,
        shown.duf_no,
        shown.gender,
        shown.maiden_name,
        shown.date_when_name_registered
    from {{ ref('int_preg__person') }} as shown
    inner join {{ ref('int_person__state') }} as states
        on shown.document_number = states.document_number
    where not states.is_present and states.is_shown
)

select * from final
