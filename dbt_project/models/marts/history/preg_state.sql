-- What PREG has shown of each record, state by state, from when until when; the content of the present states is in
-- preg_person and preg_address, that of the earlier ones in preg_person_earlier and preg_address_earlier.
with final as (
    select
        nin,
        sekvensnummer as sequence_number,
        person_nin,
        shown_from,
        shown_to,
        hendelsetype as event,
        is_present
    from {{ ref('int_person__state') }}
    where is_shown
)

select * from final
