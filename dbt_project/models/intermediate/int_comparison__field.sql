-- Every field in which PREG and Persontjenesten are not literally the same, with the kind of difference; generated from
-- field_mapping. Persons whom one side lacks, and second records of one person, are rows of the field nin.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('nin', ref('int_touched__pair')) }}"
) }}
-- depends_on: {{ ref('field_mapping') }}
-- depends_on: {{ ref('person_number') }}
{%- set person_pairs = ref('int_comparison__person_pair') -%}
{%- set address_pairs = ref('int_comparison__address_pair') %}
with touched_persons as (
    select * from {{ person_pairs }} as pairs
    where {{ only_just_built('pairs') }}
),

touched_addresses as (
    select * from {{ address_pairs }} as pairs
    where {{ only_just_built('pairs') }}
),

of_persons as (
    {{ field_differences('touched_persons' if is_partial_build() else person_pairs, 'Person',
        comparable_fields(['Person', 'Store']), column_names(person_pairs)) }}
),

of_addresses as (
    {{ field_differences('touched_addresses' if is_partial_build() else address_pairs, 'Address',
        comparable_fields(['Address']), column_names(address_pairs)) }}
),

only_left as (
    select
        persons.nin,
        'Person' as entity,
        'nin' as field,
        persons.nin as left_value,
        cast(null as varchar) as right_value,
        'only_left' as difference_kind
    from {{ ref('preg_person') }} as persons
    left join {{ ref('int_comparison__match') }} as matches on persons.nin = matches.nin and matches.is_match
    where
        matches.nin is null
        and {{ only_touched('persons.nin', ref('int_touched__pair')) }}
        -- Without a delivery of Persontjenesten there is nothing to miss anybody in.
        and exists (select 1 from {{ ref('int_comparison__match') }})
),

only_right as (
    select
        coalesce(nin, right_nin) as nin,
        'Person' as entity,
        'nin' as field,
        nin as left_value,
        right_nin as right_value,
        case when nin is null then 'only_right' else 'identity' end as difference_kind
    from {{ ref('int_comparison__match') }} as matches
    where not is_match and {{ only_just_built('matches') }}
),

final as (
    select * from of_persons
    union all
    select * from of_addresses
    union all
    select * from only_left
    union all
    select * from only_right
)

select * from final
