-- The last document of each number under which documents come; a record goes by the number it has in use.
{{ rebuilt_for_affected('own_number', 'int_affected__number') }}
with documents as (
    select
        *,
        row_number() over (
            partition by own_number
            order by sekvensnummer desc, delivery_rank desc, document_number desc
        ) as row_rank
    from {{ ref('int_person__own_number') }}
    where is_in_force and {{ only_affected('own_number', ref('int_affected__number')) }}
),

final as (
    select
        document_number,
        sekvensnummer,
        own_number,
        er_i_bruk,
        identifikatortype
    from documents
    where row_rank = 1
)

select * from final
