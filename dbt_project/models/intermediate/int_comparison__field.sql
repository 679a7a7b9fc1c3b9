-- Every field in which the sides of a pair are not literally the same, with the kind of difference, and of one that
-- follows from another the field that causes it; generated from field_mapping. Persons whom one side lacks, and second
-- records of one person, are rows of the field nin.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('person', ref('int_touched__pair')) }}"
) }}
-- depends_on: {{ ref('field_mapping') }}
-- depends_on: {{ ref('person_number') }}
-- depends_on: {{ ref('int_kommune__present') }}
-- depends_on: {{ ref('bydel_uten_administrasjon') }}
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
        compared_fields(['Person', 'Store']), column_names(person_pairs)) }}
),

of_addresses as (
    {{ field_differences('touched_addresses' if is_partial_build() else address_pairs, 'Address',
        compared_fields(['Address']), column_names(address_pairs)) }}
),

of_fields as (
    select * from of_persons
    union all
    select * from of_addresses
),

found as (
    select
        pair,
        person,
        entity,
        field,
        left_value,
        right_value,
        case
            when difference_kind = 'unexplained' and build.same_letters(left_value, right_value) then 'format'
            else difference_kind
        end as difference_kind,
        is_shown,
        is_on_one_side
    from of_fields
),

field_causes as (
    {{ field_causes(compared_fields(['Person', 'Store', 'Address'])) }}
),

-- The linter does not know a lambda of two variables (differ_only_by).
caused as (
    {{ causes_of_differences('found', 'field_causes') }} -- noqa: PRS
),

one_sided as (
    select
        pair,
        person,
        'Person' as entity,
        'nin' as field,
        left_number as left_value,
        right_number as right_value,
        case presence
            when 'left' then 'only_left'
            when 'right' then 'only_right'
            else 'identity'
        end as difference_kind,
        cast(null as varchar) as caused_by
    from {{ ref('int_comparison__pair') }} as pairs
    where presence <> 'both' and {{ only_just_built('pairs') }}
),

final as (
    select
        found.pair,
        found.person,
        found.entity,
        found.field,
        case when found.is_shown then found.left_value end as left_value,
        case when found.is_shown then found.right_value end as right_value,
        case when caused.cause is null then found.difference_kind else 'derived' end as difference_kind,
        caused.cause as caused_by
    from found
    left join caused
        on
            found.pair = caused.pair
            and found.person = caused.person
            and found.entity = caused.entity
            and found.field = caused.field
    union all
    select * from one_sided
)

select * from final
