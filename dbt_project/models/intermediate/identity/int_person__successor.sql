-- Records that have been taken over: by a new number, or by the record of which they were a dublett. A record takes
-- another over when it lists the other's number, and has a number in use while the other has none; or, both alike,
-- is the newer; or, as new (documents of one extract), has a foedselsnummer and the other a D-number. That order has
-- no circles.
{{ rebuilt_for_affected('number', 'int_affected__number') }}
with documents as (
    select * from {{ ref('int_person__document') }}
    where {{ only_affected('own_number', ref('int_affected__number')) }}
),

listed as (
    select
        documents.own_number,
        documents.sekvensnummer,
        documents.er_i_bruk,
        documents.identifikatortype,
        numbers.nummer
    from documents
    inner join {{ ref('stg_freg__identifikasjonsnummer') }} as numbers
        on documents.document_number = numbers.document_number
    where numbers.nummer <> documents.own_number
),

candidates as (
    select
        taken_over.own_number as number,
        listed.own_number as successor,
        row_number() over (
            partition by taken_over.own_number
            order by case when listed.er_i_bruk then 0 else 1 end, listed.sekvensnummer desc, listed.own_number
        ) as row_rank
    from listed
    inner join documents as taken_over on listed.nummer = taken_over.own_number
    where
        (listed.er_i_bruk and not taken_over.er_i_bruk)
        or (
            listed.er_i_bruk = taken_over.er_i_bruk
            and (
                listed.sekvensnummer > taken_over.sekvensnummer
                or (
                    listed.sekvensnummer = taken_over.sekvensnummer
                    and (listed.identifikatortype, listed.own_number)
                    > (taken_over.identifikatortype, taken_over.own_number)
                )
            )
        )
),

final as (
    select
        number,
        successor
    from candidates
    where row_rank = 1
)

select * from final
