-- Every address that PREG has shown of each person, in order: valid time (date_adr_from, valid_to) and the time in
-- which PREG showed it so (shown_from, shown_to). Hidden addresses are left out.
create or replace view preg_address_history as
    with shown as (
        select preg_state.person_nin, preg_state.shown_from, preg_state.shown_to, preg_address.*
        from preg_address
        inner join preg_state on preg_address.nin = preg_state.nin and preg_state.is_present
        union all
        select preg_state.person_nin, preg_state.shown_from, preg_state.shown_to,
            preg_address_earlier.* exclude (sequence_number, person_nin)
        from preg_address_earlier
        inner join preg_state using (nin, sequence_number)
    ),

    together as (
        select
            person_nin,
            min(shown.shown_from) as shown_from,
            -- NULL as soon as one of the states has no end.
            case when count(shown.shown_to) = count(*) then max(shown.shown_to) end as shown_to,
            shown.* exclude (person_nin, shown_from, shown_to)
        from shown
        where enrichment_method <> 'hidden'
        group by all
    )

    select
        row_number() over (
            partition by person_nin
            order by date_adr_from nulls first, shown_from, postal_address, nin
        ) as ordinal,
        together.*
    from together;

comment on view preg_address_history is
    'Every address that PREG has shown of each person, in order, with when it was valid and when it was shown.';
comment on column preg_address_history.ordinal is
    'Place in the person''s addresses, by when they were valid, then by when they were shown.';
comment on column preg_address_history.person_nin is 'The number by which the person goes now.';
comment on column preg_address_history.shown_from is 'When PREG began to show the address so (registered time).';
comment on column preg_address_history.shown_to is 'When PREG ceased to show the address so; blank where it shows it now.';
