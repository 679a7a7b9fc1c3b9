-- The three-way field table: every field of PREG, every element and attribute of Freg and every property of
-- Persontjenesten, one row per field, with what corresponds to it in the two others and what a client must do.
{{ config(materialized='table') }}
with transformed as (
    select
        *,
        -- What must be done to Persontjenesten's value, apart from asking for access: nothing, where it has the same
        -- name and the same values; rename, where it has another name or place; recode, where its values are of another
        -- code list; derive, where it must be worked out from one or more fields; lost, where there is none.
        case correspondence
            when 'same' then 'nothing'
            when 'renamed' then 'rename'
            when 'recoded' then 'recode'
            when 'derived' then 'derive'
            when 'enriched' then 'rename'
            else 'lost'
        end as transformation
    from {{ ref('field_mapping') }}
),

mapping as (
    select
        *,
        preg_entity || '.' || preg_field as preg_name,
        -- What a client that reads the field must do first.
        case
            when transformation = 'lost' then 'lost'
            when access = 'legal basis' then 'ask for access'
            else transformation
        end as client_action,
        -- All that it must do: access first, be it for some of its codes only, then what becomes of the value.
        case
            when transformation = 'lost' then 'lost'
            when coalesce(access, '') <> '' then 'ask for access, then ' || transformation
            else transformation
        end as client_steps
    from transformed
),

freg_fields as (
    select
        path,
        coalesce(nullif(base_type, ''), xsd_type) as type,
        nullif("values", '') as code_values
    from {{ ref('freg_person_fields') }}
),

persontjenesten_fields as (
    select
        "schema" as schema_name,
        property,
        type,
        nullif(freg_name, '') as freg_name
    from {{ ref('persontjenesten_fields') }}
),

paths as (
    select
        paths.path,
        paths.schema_name,
        paths.property,
        nullif(paths.freg_path, '') as freg_path,
        nullif(paths.basis, '') as basis,
        fields.type
    from {{ ref('persontjenesten_path') }} as paths
    inner join persontjenesten_fields as fields
        on paths.schema_name = fields.schema_name and paths.property = fields.property
),

-- Which path of Freg a field of PREG comes from. The mapping names the residence; a stay, and the postal address of who
-- has none, stand in for it field by field.
freg_of_mapping as (
    select
        preg_name,
        unnest(list_filter(string_split(coalesce(freg_path, ''), '|'), lambda part: part <> '')) as path
    from mapping
),

freg_used as (
    select
        freg_of_mapping.preg_name,
        freg_fields.path
    from freg_of_mapping
    inner join freg_fields
        on
            freg_of_mapping.path = freg_fields.path
            or freg_of_mapping.path = replace(freg_fields.path, 'oppholdsadresse[].', 'bostedsadresse[].')
            or freg_of_mapping.path = replace(freg_fields.path, 'postadresse[].', 'bostedsadresse[].')
),

persontjenesten_of_mapping as (
    select
        preg_name,
        unnest(list_filter(string_split(coalesce(persontjenesten_path, ''), '|'), lambda part: part <> '')) as path
    from mapping
),

persontjenesten_used as (
    select
        persontjenesten_of_mapping.preg_name,
        paths.schema_name,
        paths.property
    from persontjenesten_of_mapping
    inner join paths
        on persontjenesten_of_mapping.path in (paths.path, replace(paths.path || '$', '[]$', ''))
),

types_of_mapping as (
    select
        mapping.preg_name,
        string_agg(distinct freg_fields.type, ' | ' order by freg_fields.type) as freg_type,
        string_agg(distinct paths.type, ' | ' order by paths.type) as persontjenesten_type
    from mapping
    left join freg_of_mapping on mapping.preg_name = freg_of_mapping.preg_name
    left join freg_fields on freg_of_mapping.path = freg_fields.path
    left join persontjenesten_of_mapping on mapping.preg_name = persontjenesten_of_mapping.preg_name
    left join paths
        on persontjenesten_of_mapping.path in (paths.path, replace(paths.path || '$', '[]$', ''))
    group by mapping.preg_name
),

preg as (
    select
        'PREG' as system,
        mapping.preg_entity as entity,
        mapping.preg_field as field,
        preg_fields.type,
        true as in_preg,
        coalesce(mapping.freg_path, '') <> '' as in_freg,
        coalesce(mapping.persontjenesten_path, '') <> '' as in_persontjenesten,
        mapping.preg_name as preg_field,
        preg_fields.type as preg_type,
        mapping.freg_path,
        types.freg_type,
        mapping.persontjenesten_path,
        types.persontjenesten_type,
        mapping.correspondence,
        mapping.build_rule as rule,
        mapping.client_action,
        mapping.client_steps,
        mapping.comment_en as comment,
        mapping.comment_no,
        mapping.basis
    from mapping
    left join {{ ref('preg_fields') }} as preg_fields
        on mapping.preg_entity = preg_fields.entity and mapping.preg_field = preg_fields.field
    left join types_of_mapping as types on mapping.preg_name = types.preg_name
),

freg_in_preg as (
    select
        freg_used.path,
        string_agg(distinct mapping.preg_name, ' | ' order by mapping.preg_name) as preg_field,
        string_agg(distinct preg_fields.type, ' | ' order by preg_fields.type) as preg_type,
        string_agg(distinct mapping.build_rule, ' | ' order by mapping.build_rule) as rule,
        string_agg(distinct mapping.client_action, ' | ' order by mapping.client_action) as client_action,
        string_agg(distinct mapping.client_steps, ' | ' order by mapping.client_steps) as client_steps
    from freg_used
    inner join mapping on freg_used.preg_name = mapping.preg_name
    left join {{ ref('preg_fields') }} as preg_fields
        on mapping.preg_entity = preg_fields.entity and mapping.preg_field = preg_fields.field
    group by freg_used.path
),

freg_in_persontjenesten as (
    select
        freg_path,
        string_agg(distinct path, ' | ' order by path) as persontjenesten_path,
        string_agg(distinct type, ' | ' order by type) as persontjenesten_type,
        min(basis) as basis
    from paths
    where freg_path is not null
    group by freg_path
),

freg as (
    select
        'Freg' as system,
        'folkeregisterperson' as entity,
        freg_fields.path as field,
        freg_fields.type,
        in_preg.path is not null as in_preg,
        true as in_freg,
        in_persontjenesten.freg_path is not null as in_persontjenesten,
        in_preg.preg_field,
        in_preg.preg_type,
        freg_fields.path as freg_path,
        freg_fields.type as freg_type,
        in_persontjenesten.persontjenesten_path,
        in_persontjenesten.persontjenesten_type,
        cast(null as varchar) as correspondence,
        in_preg.rule,
        coalesce(in_preg.client_action, 'nothing') as client_action,
        coalesce(in_preg.client_steps, 'nothing') as client_steps,
        case when freg_fields.code_values is not null then 'One of: ' || replace(freg_fields.code_values, '|', ', ') end
            as comment,
        case when freg_fields.code_values is not null then 'En av: ' || replace(freg_fields.code_values, '|', ', ') end
            as comment_no,
        coalesce(in_persontjenesten.basis, 'documented') as basis
    from freg_fields
    left join freg_in_preg as in_preg on freg_fields.path = in_preg.path
    left join freg_in_persontjenesten as in_persontjenesten on freg_fields.path = in_persontjenesten.freg_path
),

persontjenesten_in_freg as (
    select
        paths.schema_name,
        paths.property,
        string_agg(distinct paths.path, ' | ' order by paths.path) as path,
        string_agg(distinct paths.freg_path, ' | ' order by paths.freg_path) as freg_path,
        string_agg(distinct freg_fields.type, ' | ' order by freg_fields.type) as freg_type,
        min(paths.basis) as basis
    from paths
    left join freg_fields on paths.freg_path = freg_fields.path
    group by paths.schema_name, paths.property
),

persontjenesten_in_preg as (
    select
        persontjenesten_used.schema_name,
        persontjenesten_used.property,
        string_agg(distinct mapping.preg_name, ' | ' order by mapping.preg_name) as preg_field,
        string_agg(distinct preg_fields.type, ' | ' order by preg_fields.type) as preg_type,
        string_agg(distinct mapping.build_rule, ' | ' order by mapping.build_rule) as rule,
        string_agg(distinct mapping.client_action, ' | ' order by mapping.client_action) as client_action,
        string_agg(distinct mapping.client_steps, ' | ' order by mapping.client_steps) as client_steps
    from persontjenesten_used
    inner join mapping on persontjenesten_used.preg_name = mapping.preg_name
    left join {{ ref('preg_fields') }} as preg_fields
        on mapping.preg_entity = preg_fields.entity and mapping.preg_field = preg_fields.field
    group by persontjenesten_used.schema_name, persontjenesten_used.property
),

persontjenesten as (
    select
        'Persontjenesten' as system,
        fields.schema_name as entity,
        fields.property as field,
        fields.type,
        in_preg.property is not null as in_preg,
        in_freg.freg_path is not null as in_freg,
        true as in_persontjenesten,
        in_preg.preg_field,
        in_preg.preg_type,
        in_freg.freg_path,
        in_freg.freg_type,
        coalesce(in_freg.path, fields.schema_name || '.' || fields.property) as persontjenesten_path,
        fields.type as persontjenesten_type,
        cast(null as varchar) as correspondence,
        in_preg.rule,
        coalesce(in_preg.client_action, 'nothing') as client_action,
        coalesce(in_preg.client_steps, 'nothing') as client_steps,
        case
            when in_freg.property is null then 'Of the interface, not of a person'
            when fields.freg_name is not null then 'Freg''s name, as the owner gives it: ' || fields.freg_name
            when in_freg.freg_path is null then 'Persontjenesten''s own; Freg does not have it'
        end as comment,
        case
            when in_freg.property is null then 'Hører til grensesnittet, ikke til en person'
            when fields.freg_name is not null then 'Fregs navn, slik eieren oppgir det: ' || fields.freg_name
            when in_freg.freg_path is null then 'Persontjenestens eget; Freg har det ikke'
        end as comment_no,
        coalesce(in_freg.basis, 'documented') as basis
    from persontjenesten_fields as fields
    left join persontjenesten_in_freg as in_freg
        on fields.schema_name = in_freg.schema_name and fields.property = in_freg.property
    left join persontjenesten_in_preg as in_preg
        on fields.schema_name = in_preg.schema_name and fields.property = in_preg.property
),

final as (
    select * from preg
    union all
    select * from freg
    union all
    select * from persontjenesten
)

select * from final
