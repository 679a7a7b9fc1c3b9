-- The numbers whose persons this build touches: those in the new documents, and all that any document, old or new,
-- ties to them, as numbers of one person or as a false identity and the true one. So all that a merge, a split or a
-- correction changes is among them; and anyone who names one of these as a relative, since that one may have got
-- another number. Empty when everything is built.
with recursive false_identities as (
    select
        document_number,
        rett_identitet
    from {{ ref('stg_freg__person') }}
    where rett_identitet is not null
),

ties as (
    -- Documents with one number tie nothing together.
    select
        document_number,
        nummer
    from {{ ref('stg_freg__identifikasjonsnummer') }}
    where document_number in (
        select document_number
        from {{ ref('stg_freg__identifikasjonsnummer') }}
        group by document_number
        having count(distinct nummer) > 1
        union
        select document_number from false_identities
    )
    union all
    select
        document_number,
        rett_identitet as nummer
    from false_identities
),

affected as (
    select nummer as number
    from {{ ref('stg_freg__identifikasjonsnummer') }}
    where {{ only_after_the_last_build() }}

    union

    select others.nummer as number
    from affected
    inner join ties on affected.number = ties.nummer
    inner join ties as others on ties.document_number = others.document_number
),

tied as (
    select affected.number
    from affected
    inner join ties on affected.number = ties.nummer
),

relatives as (
    select distinct numbers.nummer as number
    from {{ ref('stg_freg__person') }} as persons
    inner join {{ ref('stg_freg__identifikasjonsnummer') }} as numbers
        on persons.document_number = numbers.document_number
    where
        persons.mother in (select number from tied)
        or persons.father in (select number from tied)
        or persons.co_mother in (select number from tied)
        or persons.spouse in (select number from tied)
        or persons.last_related_by_marital_status in (select number from tied)
),

with_relatives as (
    select number from affected

    union

    select number from relatives

    union

    select others.nummer as number
    from with_relatives
    inner join ties on with_relatives.number = ties.nummer
    inner join ties as others on ties.document_number = others.document_number
),

final as (
    select
        with_relatives.number,
        with_relatives.number in (select nummer from ties) as is_tied
    from with_relatives
)

select * from final
