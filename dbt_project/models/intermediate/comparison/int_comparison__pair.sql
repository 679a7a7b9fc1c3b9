-- One row per person of a pair of sides: on which of them there is a record of the person (`presence`: both, left,
-- right; second: one more record on the right, or on the left, of a person who has one), which records are compared
-- with each other, whether the difference may be one of timing, and what the results are divided by.
{{ rebuilt_for_affected('person', 'int_affected__pair') }}
with read_until as (
    {{ read_until() }}
),

records as (
    select * from {{ ref('int_comparison__record') }} as records
    where {{ only_just_built('records') }}
),

preg_persons as (
    select
        persons.nin as person,
        persons.reg_status,
        persons.date_of_birth,
        registered.ajourholdstidspunkt as registered_at
    from {{ ref('preg_person') }} as persons
    inner join {{ ref('int_person__current') }} as registered on persons.nin = registered.nin
    where {{ only_affected('persons.nin', ref('int_affected__pair')) }}
),

preg_addresses as (
    select
        nin as person,
        st,
        enrichment_method = 'hidden' as is_hidden
    from {{ ref('preg_address') }}
    where current_address and {{ only_affected('nin', ref('int_affected__pair')) }}
),

preg_sides as (
    select
        persons.person,
        cast(null as varchar) as number,
        cast(null as bigint) as document_number,
        persons.reg_status,
        persons.date_of_birth,
        persons.registered_at,
        addresses.person is not null as has_address,
        addresses.st,
        coalesce(addresses.is_hidden, false) as is_hidden
    from preg_persons as persons
    left join preg_addresses as addresses on persons.person = addresses.person
),
{% for side, registered_at in [
    ('legacy', 'cast(null as timestamp with time zone)'), ('persontjenesten', 'persons.registered_at')
] %}
{{ side }}_sides as (
    select
        records.person,
        records.number,
        records.document_number,
        persons.reg_status,
        persons.date_of_birth,
        {{ registered_at }} as registered_at,
        addresses.document_number is not null as has_address,
        addresses.st,
        coalesce(addresses.postal_type in (4, 6, 7), false) as is_hidden
    from records
    inner join {{ comparison_side(side).person }} as persons on records.document_number = persons.document_number
    left join {{ comparison_side(side).address }} as addresses
        on records.document_number = addresses.document_number
    where records.side = '{{ side }}' and records.choice = 1
),
{% endfor %}
{% for pair in comparison_pairs() %}
{#- What PREG knows of the person: its own side where it is one, else asked for. -#}
{%- set known = 'left_side' if pair.left == 'preg' else 'preg_side' %}
{#- The running PREG does not say when it registered anything; what Freg has registered since, neither side had. -#}
{%- set right_registered_at = 'right_side.registered_at' %}
{%- if pair.left == 'legacy' %}
{%- set right_registered_at = 'greatest(right_side.registered_at, ' ~ known ~ '.registered_at)' %}
{%- endif %}
{%- set is_hidden = "coalesce(left_side.is_hidden, false) or coalesce(" ~ known ~ ".is_hidden, false)"
    if pair.left != 'preg' else "coalesce(left_side.is_hidden, false)" %}
{{ pair.name }} as (
    select
        '{{ pair.name }}' as pair,
        coalesce(left_side.person, right_side.person) as person,
        case
            when right_side.person is null then 'left'
            when left_side.person is null then 'right'
            else 'both'
        end as presence,
        {{ 'left_side.person' if pair.left == 'preg' else 'left_side.number' }} as left_number,
        right_side.number as right_number,
        left_side.document_number as left_document_number,
        right_side.document_number as right_document_number,
        left_side.registered_at as left_registered_at,
        {{ right_registered_at }} as right_registered_at,
        {{ is_changed_since(pair, 'left_side.registered_at', right_registered_at) }} as is_changed_since,
        -- Where the left side hides an address and the right one gives none, there is nothing to compare.
        (coalesce(left_side.has_address, false) or coalesce(right_side.has_address, false))
        and not (({{ is_hidden }}) and not coalesce(right_side.has_address, false)) as has_address,
        {{ is_hidden }} or coalesce(right_side.is_hidden, false) as is_hidden,
        -- Of whom PREG has no record from Freg we do not know whether the address is protected.
        {{ known }}.person is not null as is_known,
        coalesce({{ known }}.reg_status, left_side.reg_status, right_side.reg_status) as reg_status,
        coalesce({{ known }}.date_of_birth, left_side.date_of_birth, right_side.date_of_birth) as date_of_birth,
        -- A hidden address has no kommune, whichever side would give it.
        case
            when
                not ({{ is_hidden }}) and not coalesce(right_side.is_hidden, false)
                and {{ known }}.person is not null
                then coalesce({{ known }}.st, left_side.st, right_side.st)
        end as st
    from {{ pair.left }}_sides as left_side
    full join {{ pair.right }}_sides as right_side on left_side.person = right_side.person
    {% if known != 'left_side' %}
    left join preg_sides as preg_side on coalesce(left_side.person, right_side.person) = preg_side.person
    {% endif %}
    cross join read_until
    -- Without a delivery of a side there is nothing to miss anybody in.
    where read_until.{{ pair.left }}_at is not null and read_until.{{ pair.right }}_at is not null
),
{% endfor %}
second_records as (
    {% for pair in comparison_pairs() %}
    {% for which in ['left', 'right'] if pair[which] != 'preg' %}
    select
        pairs.pair,
        pairs.person,
        'second' as presence,
        {{ 'records.number' if which == 'left' else 'pairs.left_number' }} as left_number,
        {{ 'records.number' if which == 'right' else 'pairs.right_number' }} as right_number,
        cast(null as bigint) as left_document_number,
        cast(null as bigint) as right_document_number,
        pairs.left_registered_at,
        pairs.right_registered_at,
        false as is_changed_since,
        false as has_address,
        pairs.is_hidden,
        pairs.is_known,
        pairs.reg_status,
        pairs.date_of_birth,
        pairs.st
    from records
    inner join {{ pair.name }} as pairs on records.person = pairs.person
    where records.side = '{{ pair[which] }}' and records.choice > 1
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

combined as (
    {% for pair in comparison_pairs() %}
    select * from {{ pair.name }}
    union all
    {% endfor %}
    select * from second_records
),

final as (
    select
        combined.*,
        {{ built_after() }}
    from combined
)

select * from final
