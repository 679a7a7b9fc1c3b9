{#- Fields of the three contracts that the catalogue lacks, has twice, or has although no contract does. -#}
{% test every_field_once(model) %}
with contracts as (
    select
        'PREG' as system,
        entity,
        field
    from {{ ref('preg_fields') }}
    union all
    select
        'Freg' as system,
        'folkeregisterperson' as entity,
        path as field
    from {{ ref('freg_person_fields') }}
    union all
    select
        'Persontjenesten' as system,
        "schema" as entity,
        property as field
    from {{ ref('persontjenesten_fields') }}
),

listed as (
    select
        system,
        entity,
        field,
        count(*) as times
    from {{ model }}
    group by system, entity, field
)

select
    coalesce(contracts.system, listed.system) as system,
    coalesce(contracts.field, listed.field) as field,
    listed.times
from contracts
full join listed
    on
        contracts.system = listed.system
        and contracts.entity = listed.entity
        and contracts.field = listed.field
where contracts.field is null or coalesce(listed.times, 0) <> 1
{% endtest %}
