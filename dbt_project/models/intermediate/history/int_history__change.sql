-- What changed in PREG, field by field: each state of a record against the one before it, or, of a record that is
-- new, against the one that it took over. Rows without a field before (from_value) are persons who were new to the
-- register. The fields are all columns of int_preg__person and int_preg__address, but for keys.
-- depends_on: {{ ref('int_preg__person') }}
-- depends_on: {{ ref('int_preg__address') }}
{{ rebuilt_for_affected('person_nin', 'int_affected__person') }}
{%- set keys = ['document_number', 'person_nin', 'is_present'] %}
{%- set of_person = column_names(ref('int_preg__person')) | reject('in', keys) | list %}
{%- set of_address = column_names(ref('int_preg__address')) | reject('in', keys + [
    'nin', 'current_address', 'is_in_preg', 'enrichment_reason', 'present_st', 'service_district_code',
    'service_district_name'
]) | list %}
with states as (
    select
        *,
        lag(document_number) over (
            partition by nin
            order by is_present, shown_from, sekvensnummer
        ) as own_previous,
        lead(document_number) over (
            partition by nin
            order by is_present, shown_from, sekvensnummer
        ) as own_next,
        lag(taken_over_by) over (
            partition by nin
            order by is_present, shown_from, sekvensnummer
        ) as back_from
    from {{ ref('int_person__state') }}
    where
        is_shown and {{ only_affected('person_nin', ref('int_affected__person')) }}
),

takeovers as (
    -- A record's last state, and the state of the other record that ended it.
    select
        ended.document_number as ended_document,
        ended.nin as ended_nin,
        taker.document_number as taker_document,
        taker.own_previous is null as is_first,
        row_number() over (
            partition by taker.document_number
            order by ended.sekvensnummer desc, ended.nin
        ) as row_rank
    from states as ended
    inner join states as taker
        on ended.person_nin = taker.person_nin
        and ended.nin <> taker.nin
        and ended.shown_to = taker.shown_from
    where ended.own_next is null
),

pairs as (
    select
        states.document_number,
        states.person_nin,
        states.shown_from,
        states.sekvensnummer,
        states.hendelsetype,
        coalesce(states.own_previous, takeovers.ended_document) as previous_document
    from states
    left join takeovers
        on states.document_number = takeovers.taker_document and takeovers.is_first and takeovers.row_rank = 1
    where states.own_previous is not null or takeovers.ended_document is not null
),

paired_documents as (
    select document_number from pairs
    union
    select previous_document as document_number from pairs
),

paired_persons as (
    select * from {{ ref('int_preg__person') }}
    where document_number in (select document_number from paired_documents)
),

present_addresses as (
    select addresses.*
    from {{ ref('int_preg__address') }} as addresses
    where
        addresses.current_address
        and addresses.is_in_preg
        and addresses.document_number in (select document_number from paired_documents)
),

{% for compared, states, join, fields in [
    ('persons', 'paired_persons', 'inner', of_person), ('addresses', 'present_addresses', 'left', of_address)
] -%}
{{ compared }} as (
    select
        pairs.person_nin,
        pairs.shown_from,
        pairs.sekvensnummer,
        pairs.hendelsetype,
        unnest(list_filter([
            {%- for field in fields %}
            comparison.changed('{{ field }}', before.{{ field }}, after.{{ field }}){{ ',' if not loop.last }}
            {%- endfor %}
        ], lambda change: change.differs)) as change
    from pairs
    {{ join }} join {{ states }} as before on pairs.previous_document = before.document_number
    {{ join }} join {{ states }} as after on pairs.document_number = after.document_number
),

{% endfor -%}
-- Numbers that joined and parted, and persons who were new or are gone.
merged as (
    select
        states.person_nin,
        states.shown_to as shown_from,
        states.taken_over_sekvensnummer as sekvensnummer,
        states.taken_over_hendelsetype as hendelsetype,
        states.nin as from_value,
        states.taken_over_by as to_value
    from states
    left join takeovers
        on states.document_number = takeovers.ended_document and takeovers.is_first and takeovers.row_rank = 1
    where states.taken_over_by is not null and takeovers.ended_document is null
),

parted as (
    select
        person_nin,
        shown_from,
        sekvensnummer,
        hendelsetype,
        back_from as from_value,
        nin as to_value
    from states
    where back_from is not null
),

new_to_the_register as (
    select
        states.person_nin,
        states.shown_from,
        states.sekvensnummer,
        states.hendelsetype,
        cast(null as varchar) as from_value,
        states.nin as to_value
    from states
    left join pairs on states.document_number = pairs.document_number
    where states.own_previous is null and pairs.document_number is null and states.delivery_kind = 'change'
),

gone as (
    select
        person_nin,
        shown_to as shown_from,
        cast(null as bigint) as sekvensnummer,
        cast(null as varchar) as hendelsetype,
        nin as from_value,
        cast(null as varchar) as to_value
    from states
    where own_next is null and not is_present and taken_over_by is null
),

changes as (
    {%- for entity, compared in [('Person', 'persons'), ('Address', 'addresses')] %}
    select
        person_nin,
        shown_from,
        sekvensnummer,
        hendelsetype,
        '{{ entity }}' as entity,
        change.field,
        change.from_value,
        change.to_value
    from {{ compared }}
    union all
    {%- endfor %}
    {%- for identity in ['merged', 'parted', 'new_to_the_register', 'gone'] %}
    select
        person_nin,
        shown_from,
        sekvensnummer,
        hendelsetype,
        'Person' as entity,
        'nin' as field,
        from_value,
        to_value
    from {{ identity }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select * from changes
)

select * from final
