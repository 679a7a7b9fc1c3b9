-- Every number a person ever had, and the number that the person goes by now.
{{ rebuilt_for_affected('number', 'int_affected__number') }}
with recursive chain as (
    select
        number,
        successor,
        1 as steps
    from {{ ref('int_person__successor') }}
    where {{ only_affected('number', ref('int_affected__number')) }}

    union all

    select
        chain.number,
        next_step.successor,
        chain.steps + 1 as steps
    from chain
    inner join {{ ref('int_person__successor') }} as next_step on chain.successor = next_step.number
),

last_of_chain as (
    select
        number,
        successor,
        row_number() over (
            partition by number
            order by steps desc
        ) as row_rank
    from chain
),

documents as (
    select * from {{ ref('int_person__document') }}
    where {{ only_affected('own_number', ref('int_affected__number')) }}
),

records as (
    select
        documents.document_number,
        documents.own_number,
        documents.sekvensnummer,
        coalesce(last_of_chain.successor, documents.own_number) as nin
    from documents
    left join last_of_chain on documents.own_number = last_of_chain.number and last_of_chain.row_rank = 1
),

listed as (
    select
        numbers.nummer as number,
        records.nin,
        numbers.identifikatortype as kind,
        numbers.status,
        numbers.opphoerstidspunkt as ended_at,
        row_number() over (
            partition by numbers.nummer
            order by
                -- A record's own number leads where that record leads, no matter who else lists it.
                case when numbers.nummer = records.own_number then 0 else 1 end,
                records.sekvensnummer desc,
                records.nin
        ) as row_rank,
        row_number() over (
            partition by numbers.nummer
            order by
                case when records.own_number = records.nin then 0 else 1 end,
                records.sekvensnummer desc,
                records.nin,
                -- For a number that one document has twice, the entry by which it is in use.
                case when numbers.er_i_bruk then 0 else 1 end,
                case when numbers.er_gjeldende then 0 else 1 end,
                numbers.gyldighetstidspunkt desc nulls last
        ) as status_choice
    from records
    inner join {{ ref('stg_freg__identifikasjonsnummer') }} as numbers
        on records.document_number = numbers.document_number
),

statuses as (
    -- What the person's present record says of the number goes before what the number's own, older record said.
    select
        number,
        kind,
        status,
        ended_at
    from listed
    where status_choice = 1
),

final as (
    select
        listed.number,
        listed.nin,
        statuses.kind,
        statuses.status,
        record.local_date(statuses.ended_at) as ended_on
    from listed
    inner join statuses on listed.number = statuses.number
    where listed.row_rank = 1
)

select * from final
