-- One row per person of a pair of sides: on which of them there is a record of the person (`presence`: both, left,
-- right; second: one more record on the right, or on the left, of a person who has one), which records are compared
-- with each other, whether the difference may be one of timing, and what the results are divided by.
{{ rebuilt_for_affected('person', 'int_affected__pair') }}
with pair_definitions as (
    {{ pairs_of_sides() }}
),

records as (
    select * from {{ ref('int_comparison__record') }} as records
    where {{ only_just_built('records') }}
),

-- The record of a person that a side compares. The running PREG does not say when it registered anything.
compared as (
    select
        'preg' as side,
        nin as side_key,
        nin as person,
        nin as number,
        ajourholdstidspunkt as registered_at
    from {{ ref('int_person__current') }}
    where {{ only_affected('nin', ref('int_affected__pair')) }}
    union all
    select
        side,
        cast(document_number as varchar) as side_key,
        person,
        number,
        null as registered_at
    from records
    where row_rank = 1
),

sides as (
    select
        compared.side,
        compared.side_key,
        compared.person,
        compared.number,
        persons.reg_status,
        persons.date_of_birth,
        coalesce(compared.registered_at, persons.registered_at) as registered_at,
        addresses.side_key is not null as has_address,
        addresses.st,
        coalesce(addresses.is_hidden, false) as is_hidden
    from compared
    inner join {{ ref('int_comparison__person') }} as persons
        on compared.side = persons.side and compared.side_key = persons.side_key
    left join {{ ref('int_comparison__address') }} as addresses
        on compared.side = addresses.side and compared.side_key = addresses.side_key
),

left_sides as (
    select
        pair_definitions.pair,
        sides.*
    from sides
    inner join pair_definitions on sides.side = pair_definitions.left_side
),

right_sides as (
    select
        pair_definitions.pair,
        sides.*
    from sides
    inner join pair_definitions on sides.side = pair_definitions.right_side
),

joined_sides as (
    select
        coalesce(left_sides.pair, right_sides.pair) as pair,
        coalesce(left_sides.person, right_sides.person) as person,
        case
            when right_sides.person is null then 'left'
            when left_sides.person is null then 'right'
            else 'both'
        end as presence,
        left_sides.number as left_number,
        right_sides.number as right_number,
        left_sides.side_key as left_key,
        right_sides.side_key as right_key,
        left_sides.registered_at as left_registered_at,
        right_sides.registered_at as right_own_registered_at,
        coalesce(left_sides.has_address, false) as left_has_address,
        coalesce(right_sides.has_address, false) as right_has_address,
        coalesce(left_sides.is_hidden, false) as left_hides,
        coalesce(right_sides.is_hidden, false) as right_hides,
        left_sides.reg_status as left_reg_status,
        right_sides.reg_status as right_reg_status,
        left_sides.date_of_birth as left_date_of_birth,
        right_sides.date_of_birth as right_date_of_birth,
        left_sides.st as left_st,
        right_sides.st as right_st
    from left_sides
    full join right_sides on left_sides.pair = right_sides.pair and left_sides.person = right_sides.person
),

-- With what PREG knows of the person, whether it is a side of the pair or not.
with_preg as (
    select
        joined_sides.*,
        pair_definitions.left_side,
        pair_definitions.right_side,
        pair_definitions.left_read_at,
        pair_definitions.right_read_at,
        joined_sides.left_hides or coalesce(preg.is_hidden, false) as left_or_preg_hides,
        preg.person is not null as is_known,
        preg.reg_status as known_reg_status,
        preg.date_of_birth as known_date_of_birth,
        preg.st as known_st,
        -- What Freg has registered since, the running PREG did not have either.
        case
            when pair_definitions.left_side = 'legacy'
                then greatest(joined_sides.right_own_registered_at, preg.registered_at)
            else joined_sides.right_own_registered_at
        end as right_registered_at
    from joined_sides
    inner join pair_definitions on joined_sides.pair = pair_definitions.pair
    left join sides as preg on preg.side = 'preg' and joined_sides.person = preg.person
),

pairs as (
    select
        pair,
        left_side,
        right_side,
        person,
        presence,
        left_number,
        right_number,
        left_key,
        right_key,
        left_registered_at,
        right_registered_at,
        {{ is_changed_since('with_preg', 'with_preg') }} as is_changed_since,
        -- Where the left side hides an address and the right one gives none, there is nothing to compare.
        (left_has_address or right_has_address) and not (left_or_preg_hides and not right_has_address) as has_address,
        left_or_preg_hides or right_hides as is_hidden,
        -- For a person without a record from Freg we do not know whether the address is protected.
        is_known,
        coalesce(known_reg_status, left_reg_status, right_reg_status) as reg_status,
        coalesce(known_date_of_birth, left_date_of_birth, right_date_of_birth) as date_of_birth,
        -- A hidden address has no kommune, whichever side would give it.
        case
            when is_known and not left_or_preg_hides and not right_hides then coalesce(known_st, left_st, right_st)
        end as st
    from with_preg
),

second_records as (
    select
        pairs.* replace (
            'second' as presence,
            case when records.side = pairs.left_side then records.number else pairs.left_number end as left_number,
            case when records.side = pairs.right_side then records.number else pairs.right_number end as right_number,
            cast(null as varchar) as left_key,
            cast(null as varchar) as right_key,
            false as is_changed_since,
            false as has_address
        )
    from records
    inner join pairs on records.person = pairs.person and records.side in (pairs.left_side, pairs.right_side)
    where records.row_rank > 1
),

final as (
    select
        *,
        {{ built_after() }}
    from pairs
    union all
    select
        *,
        {{ built_after() }}
    from second_records
)

select * from final
