-- One row a person: what the person's present record says now.
with persons as (
    select
        documents.document_number,
        documents.own_number as nin
    from {{ ref('int_person__document') }} as documents
    left join {{ ref('int_person__successor') }} as successors on documents.own_number = successors.number
    where successors.number is null
),

final as (
    select
        persons.nin,
        person.*
    from {{ ref('stg_freg__person') }} as person
    inner join persons on person.document_number = persons.document_number
)

select * from final
