-- The person record of PREG as shown before: one set per state of preg_state that is past, in the columns of
-- preg_person.
with final as (
    select
        states.sekvensnummer as sequence_number,
        states.person_nin,
        shown.* exclude (document_number, person_nin, is_present)
    from {{ ref('int_preg__person') }} as shown
    inner join {{ ref('int_person__state') }} as states
        on shown.document_number = states.document_number
    where not states.is_present and states.is_shown
)

select * from final
