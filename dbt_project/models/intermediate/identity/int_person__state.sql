-- What PREG has shown of each record, state by state: from when Freg registered a document until it registered
-- another with something else in it, or until another record took this one over (`taken_over_by`). `nin` is the
-- number by which PREG showed the record; `person_nin` the number by which the person goes now. Present states have
-- no end. A document that says what the one before said (a full delivery) continues its state.
{{ rebuilt_for_affected('person_nin', 'int_affected__number') }}
with full_deliveries as (
    select
        delivery_rank,
        created_at
    from {{ ref('stg_landing__delivery') }}
    where raw_table = 'freg_document' and kind = 'full'
),

present as (
    select documents.document_number
    from {{ ref('int_person__document') }} as documents
    left join {{ ref('int_person__successor') }} as successors on documents.own_number = successors.number
    where successors.number is null
),

records as (
    select
        own_numbers.document_number,
        own_numbers.own_number as nin,
        own_numbers.er_i_bruk,
        own_numbers.identifikatortype,
        own_numbers.sekvensnummer,
        own_numbers.delivery_rank,
        documents.hendelsetype,
        documents.delivery_kind,
        documents.content_key,
        documents.registered_at,
        present.document_number is not null as is_present
    from {{ ref('int_person__own_number') }} as own_numbers
    inner join {{ ref('stg_freg__person') }} as documents
        on own_numbers.document_number = documents.document_number
    left join present on own_numbers.document_number = present.document_number
    where {{ only_affected('own_numbers.own_number', ref('int_affected__number')) }}
),

delivered_once as (
    select
        *,
        row_number() over (
            partition by nin, sekvensnummer
            order by is_present desc, delivery_rank desc, document_number desc
        ) as row_rank
    from records
),

compared as (
    select
        *,
        row_number() over in_order as order_rank,
        -- A document is not shown before the one that it replaces, no matter what times they have.
        max(registered_at) over in_order as shown_from,
        case
            when content_key = lag(content_key) over in_order then 0
            else 1
        end as starts_state
    from delivered_once
    where row_rank = 1
    window in_order as (
        partition by nin
        order by is_present, sekvensnummer, delivery_rank, document_number
    )
),

numbered as (
    select
        *,
        sum(starts_state) over (
            partition by nin
            order by order_rank
        ) as state_number
    from compared
),

states as (
    -- The last document of a state stands for it; the first says when and why it came about.
    select
        *,
        first_value(shown_from) over in_state as state_from,
        first_value(sekvensnummer) over in_state as state_sekvensnummer,
        first_value(hendelsetype) over in_state as state_hendelsetype,
        first_value(delivery_kind) over in_state as state_delivery_kind,
        row_number() over (
            partition by nin, state_number
            order by order_rank desc
        ) as rank_from_last
    from numbered
    window in_state as (
        partition by nin, state_number
        order by order_rank
    )
),

replaced as (
    select
        *,
        lead(state_from) over (
            partition by nin
            order by state_number
        ) as replaced_at
    from states
    where rank_from_last = 1
),

listed_by_others as (
    -- Numbers in documents of another number. By equal document first: a few of all documents.
    select
        listed.nummer,
        records.*
    from records
    inner join {{ ref('stg_freg__identifikasjonsnummer') }} as listed
        on records.document_number = listed.document_number
    where listed.nummer <> records.nin
),

takeover_candidates as (
    -- See int_person__successor for who takes over whom.
    select
        replaced.document_number,
        others.nin as taken_over_by,
        others.sekvensnummer as taken_over_sekvensnummer,
        others.hendelsetype as taken_over_hendelsetype,
        others.registered_at as taken_over_at,
        row_number() over (
            partition by replaced.document_number
            order by others.registered_at, others.sekvensnummer, others.document_number
        ) as row_rank
    from replaced
    inner join listed_by_others as others on replaced.nin = others.nummer
    where
        not replaced.is_present
        and (
            (others.er_i_bruk and not replaced.er_i_bruk)
            or (
                others.er_i_bruk = replaced.er_i_bruk
                and (
                    others.sekvensnummer > replaced.sekvensnummer
                    or (
                        others.sekvensnummer = replaced.sekvensnummer
                        and (others.identifikatortype, others.nin) > (replaced.identifikatortype, replaced.nin)
                    )
                )
            )
        )
),

takeovers as (
    -- Only a takeover that came no later than the record's own next state ended anything.
    select takeover_candidates.*
    from takeover_candidates
    inner join replaced on takeover_candidates.document_number = replaced.document_number
    where
        takeover_candidates.row_rank = 1
        and (replaced.replaced_at is null or takeover_candidates.taken_over_at <= replaced.replaced_at)
),

dropped as (
    -- Records that the full delivery after their last document no longer had.
    select
        replaced.document_number,
        min(full_deliveries.created_at) as dropped_at
    from replaced
    inner join full_deliveries on replaced.delivery_rank < full_deliveries.delivery_rank
    where not replaced.is_present and replaced.replaced_at is null
    group by replaced.document_number
),

affected_numbers as (
    select
        number,
        nin
    from {{ ref('int_person__number') }}
    where {{ only_affected('number', ref('int_affected__number')) }}
),

final as (
    select
        replaced.document_number,
        replaced.nin,
        coalesce(numbers.nin, replaced.nin) as person_nin,
        replaced.is_present,
        -- A record that another had taken over before was never shown by itself.
        replaced.is_present
        or takeovers.taken_over_at is null
        or takeovers.taken_over_at > replaced.state_from as is_shown,
        replaced.state_sekvensnummer as sekvensnummer,
        replaced.state_hendelsetype as hendelsetype,
        replaced.state_delivery_kind as delivery_kind,
        replaced.state_from as shown_from,
        case
            when not replaced.is_present
                then greatest(
                    replaced.state_from,
                    coalesce(takeovers.taken_over_at, replaced.replaced_at, dropped.dropped_at)
                )
        end as shown_to,
        takeovers.taken_over_by,
        takeovers.taken_over_sekvensnummer,
        takeovers.taken_over_hendelsetype,
        {{ built_after() }}
    from replaced
    left join takeovers on replaced.document_number = takeovers.document_number
    left join dropped on replaced.document_number = dropped.document_number
    left join affected_numbers as numbers on replaced.nin = numbers.number
)

select * from final
