-- What PREG has shown of each record, state by state: one row a document that was ever delivered, from when Freg registered
-- it until the record's next document, or until another record took it over. `nin` is the number by which PREG showed the
-- record; `person_nin` the number by which the person goes now. The present states have no end.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('person_nin', ref('int_touched__number')) }}"
) }}
with last_full_delivery as (
    select max(created_at) as created_at
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
        own_numbers.sekvensnummer,
        own_numbers.delivery_rank,
        documents.hendelsetype,
        documents.delivery_kind,
        coalesce(documents.ajourholdstidspunkt, documents.delivered_at) as shown_from,
        present.document_number is not null as is_present
    from {{ ref('int_person__own_number') }} as own_numbers
    inner join {{ ref('stg_freg__dokument') }} as documents
        on own_numbers.document_number = documents.document_number
    left join present on own_numbers.document_number = present.document_number
    where {{ only_touched('own_numbers.own_number', ref('int_touched__number')) }}
),

delivered_once as (
    select
        *,
        row_number() over (
            partition by nin, sekvensnummer
            order by is_present desc, delivery_rank desc, document_number desc
        ) as choice
    from records
),

replaced as (
    select
        *,
        lead(shown_from) over (
            partition by nin
            order by is_present, sekvensnummer, delivery_rank, document_number
        ) as replaced_at
    from delivered_once
    where choice = 1
),

takeovers as (
    -- See int_person__successor for who takes over whom.
    select
        replaced.document_number,
        min(takers.shown_from) as taken_over_at
    from replaced
    inner join {{ ref('stg_freg__identifikasjonsnummer') }} as listed
        on replaced.nin = listed.nummer and replaced.document_number <> listed.document_number
    inner join records as takers
        on listed.document_number = takers.document_number and replaced.nin <> takers.nin
    where
        not replaced.is_present
        and (
            (takers.er_i_bruk and not replaced.er_i_bruk)
            or (takers.er_i_bruk = replaced.er_i_bruk and takers.sekvensnummer > replaced.sekvensnummer)
        )
    group by replaced.document_number
),

final as (
    select
        replaced.document_number,
        replaced.nin,
        coalesce(numbers.nin, replaced.nin) as person_nin,
        replaced.is_present,
        replaced.sekvensnummer,
        replaced.hendelsetype,
        replaced.delivery_kind,
        replaced.shown_from,
        case
            when not replaced.is_present
                then {{ greatest_known(['replaced.shown_from', 'coalesce(' ~ least_known([
                    'replaced.replaced_at', 'takeovers.taken_over_at'
                ]) ~ ', last_full_delivery.created_at)']) }}
        end as shown_to
    from replaced
    left join takeovers on replaced.document_number = takeovers.document_number
    left join {{ ref('int_person__number') }} as numbers on replaced.nin = numbers.number
    cross join last_full_delivery
)

select * from final
