-- Who is who: each record of Persontjenesten and of the running PREG with the person that its number leads to,
-- whichever of the person's numbers it is; a number that leads nowhere stands for itself (`person`). Of several
-- records of a person on a side, the one under the present number is first (`row_rank`).
{{ rebuilt_for_affected(
    'person', 'int_affected__pair',
    ['record_id', 'int_affected__persontjenesten_person'], ['record_id', 'int_affected__legacy_person']
) }}
with records as (
    select
        'persontjenesten' as side,
        persontjenesten_id as record_id,
        document_number,
        nin as number
    from {{ ref('int_persontjenesten__person') }}
    union all
    select
        'legacy' as side,
        nin as record_id,
        document_number,
        nin as number
    from {{ ref('int_legacy__person') }}
),

identified as (
    select
        records.*,
        numbers.nin,
        coalesce(numbers.nin, records.number) as person
    from records
    left join {{ ref('person_number') }} as numbers on records.number = numbers.number
    where {{ only_affected('coalesce(numbers.nin, records.number)', ref('int_affected__pair')) }}
),

-- Few persons have more than one record: only theirs are put in order.
repeated as (
    select
        side,
        person
    from identified
    group by side, person
    having count(*) > 1
),

ordered as (
    select
        identified.document_number,
        row_number() over (
            partition by identified.side, identified.person
            order by case when identified.nin = identified.number then 0 else 1 end, identified.document_number
        ) as row_rank
    from identified
    inner join repeated on identified.side = repeated.side and identified.person = repeated.person
),

final as (
    select
        identified.side,
        identified.record_id,
        identified.document_number,
        identified.number,
        identified.nin,
        identified.person,
        coalesce(ordered.row_rank, 1) as row_rank,
        {{ built_after() }}
    from identified
    left join ordered on identified.document_number = ordered.document_number
)

select * from final
