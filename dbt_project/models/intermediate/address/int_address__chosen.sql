-- The addresses that PREG shows, or showed, of each state of a person (int_person__state): the one present address
-- and the former residences and stays. Besides them (`is_in_preg` is false) the present stays and shared residences
-- that PREG leaves out, for their grunnkrets. A protected person has the present one only, with nothing in it;
-- anyone who lives at a protected dwelling has the entry, with nothing in it. Of a past state nothing is shown
-- if the person, or an address of the person, was protected then or later. Addresses held while protected stay hidden,
-- except the current one once the protection has ended.
{{ rebuilt_for_affected('person_nin', 'int_affected__person') }}
with states as (
    select
        states.document_number,
        states.nin,
        states.person_nin,
        states.is_present,
        states.shown_from,
        protection.grade as person_grade,
        protection.grade_from as person_grade_from
    from {{ ref('int_person__state') }} as states
    inner join {{ ref('int_person__protection') }} as protection on states.document_number = protection.document_number
    where {{ only_affected('states.person_nin', ref('int_affected__person')) }}
),

of_states as (
    select
        entries.*,
        states.nin,
        states.person_nin,
        states.is_present,
        record.strictest_grade(states.person_grade, entries.grade)
            as grade_in_force
    from {{ ref('int_address__entry') }} as entries
    inner join states on entries.document_number = states.document_number
),

protected_states as (
    -- States in which the person, or an address of the person, was protected.
    select document_number
    from states
    where person_grade is not null

    union

    select document_number
    from of_states
    where grade_in_force is not null
),

protected_until as (
    select
        states.person_nin,
        max(states.shown_from) as shown_from
    from protected_states
    inner join states on protected_states.document_number = states.document_number
    group by states.person_nin
),

keys_while_protected as (
    -- Where the person lived or stayed while protected, and addresses that were protected themselves.
    select distinct
        of_states.person_nin,
        places.dwelling_number,
        unnest(places.keys) as key
    from of_states
    inner join {{ ref('int_address__place') }} as places on of_states.place_key = places.place_key
    where
        of_states.grade_in_force is not null
        and (of_states.is_current or of_states.grade in ('fortrolig', 'strengtFortrolig', 'klientadresse'))
),

keys_of_entries as (
    select distinct
        of_states.person_nin,
        of_states.place_key,
        places.dwelling_number,
        unnest(places.keys) as key
    from of_states
    inner join protected_until on of_states.person_nin = protected_until.person_nin
    inner join {{ ref('int_address__place') }} as places on of_states.place_key = places.place_key
),

places_while_protected as (
    -- The same places, however they were written before or after.
    select distinct
        keys_of_entries.person_nin,
        keys_of_entries.place_key
    from keys_of_entries
    inner join keys_while_protected
        on
            keys_of_entries.person_nin = keys_while_protected.person_nin
            and keys_of_entries.key = keys_while_protected.key
    where
        keys_of_entries.dwelling_number is null
        or keys_while_protected.dwelling_number is null
        or keys_of_entries.dwelling_number = keys_while_protected.dwelling_number
),

entries as (
    select
        of_states.*,
        protected_places.place_key is not null as is_protected_place,
        -- Only where somebody lives now is shown again after the protection has ended.
        places_while_protected.place_key is not null
        and not (of_states.is_present and of_states.is_current) as was_protected,
        row_number() over (
            partition by of_states.document_number, of_states.is_current
            order by
                record.address_type_rank(of_states.address_type) nulls last,
                of_states.starts_on desc nulls last,
                of_states.registered_at desc nulls last,
                of_states.place_key
        ) as row_rank
    from of_states
    left join {{ ref('int_address__protected_place') }} as protected_places
        on of_states.place_key = protected_places.place_key and protected_places.is_protected
    left join places_while_protected
        on of_states.person_nin = places_while_protected.person_nin
        and of_states.place_key = places_while_protected.place_key
),

stays as (
    select
        document_number,
        stay,
        row_number() over (
            partition by document_number
            order by starts_on desc nulls last, registered_at desc nulls last
        ) as row_rank
    from entries
    -- A hidden stay discloses nothing of itself, not even its kind.
    where
        address_type = 'oppholdsadresse' and is_current and stay is not null
        and not is_protected_place and grade_in_force is null
),

of_unprotected as (
    select
        entries.*,
        states.person_grade_from,
        case when entries.is_current then stays.stay else entries.stay end as stay_in_force,
        coalesce(entries.grade_in_force in ('fortrolig', 'strengtFortrolig', 'klientadresse'), false)
        or entries.is_protected_place
        or entries.was_protected
        or coalesce(not states.is_present and states.shown_from <= protected_until.shown_from, false) as is_hidden
    from entries
    inner join states on entries.document_number = states.document_number
    left join protected_until on states.person_nin = protected_until.person_nin
    left join stays on entries.document_number = stays.document_number and stays.row_rank = 1
    where states.person_grade is null
),

shown as (
    select
        *,
        case
            when address_type = 'deltBosted' then false
            when is_current then row_rank = 1
            else address_type in ('bostedsadresse', 'oppholdsadresse')
        end as is_in_preg
    from of_unprotected
),

in_preg_or_left_out as (
    select * exclude (place_key, is_protected_place, was_protected, row_rank) from shown
    where is_in_preg or (is_present and is_current and address_type in ('oppholdsadresse', 'deltBosted'))
),

of_protected as (
    select
        document_number,
        nin,
        person_nin,
        is_present,
        person_grade as grade_in_force,
        person_grade_from,
        true as is_current,
        true as is_hidden,
        true as is_in_preg
    from states
    where person_grade is not null
),

combined as (
    select * from in_preg_or_left_out
    union all by name
    select * from of_protected
),

final as (
    select
        *,
        {{ built_after() }}
    from combined
)

select * from final
