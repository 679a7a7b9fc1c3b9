-- Every field of the three systems, one row a field: PREG's with what they correspond to, then what only Freg or only
-- Persontjenesten has.
{{ config(materialized='table') }}
with mapping as (
    select * from {{ ref('field_mapping') }}
),

preg as (
    select
        'PREG' as system,
        mapping.preg_entity as entity,
        mapping.preg_field as field,
        fields.type,
        mapping.correspondence,
        mapping.freg_path,
        mapping.persontjenesten_path,
        mapping.build_rule as rule,
        mapping.comment_en as comment,
        mapping.basis
    from mapping
    left join {{ ref('preg_fields') }} as fields
        on mapping.preg_entity = fields.entity and mapping.preg_field = fields.field
),

freg as (
    select
        'Freg' as system,
        'folkeregisterperson' as entity,
        path as field,
        coalesce(nullif(base_type, ''), xsd_type) as type,
        cast(null as varchar) as correspondence,
        path as freg_path,
        cast(null as varchar) as persontjenesten_path,
        cast(null as varchar) as rule,
        nullif("values", '') as comment,
        'documented' as basis
    from {{ ref('freg_person_fields') }}
),

persontjenesten as (
    select
        'Persontjenesten' as system,
        "schema" as entity,
        property as field,
        type,
        cast(null as varchar) as correspondence,
        cast(null as varchar) as freg_path,
        "schema" || '.' || property as persontjenesten_path,
        cast(null as varchar) as rule,
        nullif(freg_name, '') as comment,
        'documented' as basis
    from {{ ref('persontjenesten_fields') }}
),

final as (
    select * from preg
    union all
    select * from freg
    union all
    select * from persontjenesten
)

select * from final
