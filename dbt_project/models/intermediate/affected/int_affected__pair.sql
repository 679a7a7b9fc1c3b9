-- The persons whose comparison this build makes again, by the number of PREG, else by that of Persontjenesten.
-- Empty when everything is built. They are those affected on any side, and of the others: those who were
-- matched with a record now affected; those whose difference of timing has ended, because the other side was read
-- again; and those with a parent or spouse whose numbers have become, or ceased to be, one person.
{{ config(materialized='table') }}
-- depends_on: {{ ref('stg_landing__delivery') }}
-- depends_on: {{ ref('int_affected__number') }}
-- depends_on: {{ ref('int_affected__person') }}
-- depends_on: {{ ref('int_affected__persontjenesten_person') }}
-- depends_on: {{ ref('int_affected__legacy_person') }}
-- depends_on: {{ ref('int_persontjenesten__person') }}
-- depends_on: {{ ref('person_number') }}
{%- if is_whole_build() %}
select cast(null as varchar) as number
where false
{%- else %}
with affected_records as (
    select number from {{ ref('int_affected__persontjenesten_person') }}
    union all
    select number from {{ ref('int_affected__legacy_person') }}
),

numbers_now as (
    select nin as number from {{ ref('int_persontjenesten__person') }}
    where persontjenesten_id in (select number from {{ ref('int_affected__persontjenesten_person') }})
    union all
    select number from {{ ref('int_affected__legacy_person') }}
),

matched_now as (
    select coalesce(numbers.nin, numbers_now.number) as number
    from numbers_now
    left join {{ ref('person_number') }} as numbers on numbers_now.number = numbers.number
),

matched_before as (
    select person as number
    from {{ as_last_built('int_comparison__record') }}
    where record_id in (select number from affected_records)
),

names as (
    {{ pairs_of_sides() }}
),

no_longer_of_timing as (
    select pairs.person as number
    from {{ as_last_built('int_comparison__pair') }} as pairs
    inner join names on pairs.pair = names.pair
    where pairs.is_changed_since and not {{ is_changed_since('pairs', 'names') }}
),

tied as (
    select number from {{ ref('int_affected__number') }}
    where is_tied
),

final as (
    select number from {{ ref('int_affected__number') }}
    union
    select number from {{ ref('int_affected__person') }}
    union
    select number from matched_now
    union
    select number from matched_before
    union
    select number from no_longer_of_timing
    union
    -- Differences of numbers, which are of identity or equal while both lead to one person.
    select person as number from {{ as_last_built('int_comparison__field') }}
    where
        field in ('mothers_nin', 'fathers_nin', 'spouse_nin', 'old_nin')
        and (left_value in (select number from tied) or right_value in (select number from tied))
)

select number from final
{%- endif %}
