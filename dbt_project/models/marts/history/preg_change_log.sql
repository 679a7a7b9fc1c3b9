-- Who changed when, in which field, from what to what, by which event of Freg. Protected addresses are in it
-- neither as they were nor as they are (int_address__chosen).
with mapping as (
    select
        case when preg_entity = 'Address' then 'Address' else 'Person' end as entity,
        column_name,
        freg_path
    from {{ ref('field_mapping') }}
),

final as (
    select
        changes.person_nin as nin,
        changes.shown_from as changed_at,
        changes.sekvensnummer as sequence_number,
        changes.hendelsetype as event,
        changes.entity,
        changes.field,
        mapping.freg_path,
        changes.from_value,
        changes.to_value
    from {{ ref('int_history__change') }} as changes
    left join mapping on changes.entity = mapping.entity and changes.field = mapping.column_name
)

select * from final
