-- The persons whose comparison this build makes anew, by the number of PREG, else by that of Persontjenesten.
-- Empty when everything is built. They are those touched on either side, and of the others: those who were
-- matched with a person of Persontjenesten now touched; those whose difference of timing has ended, because
-- the other side was read again; and those with a parent or spouse whose numbers have become, or ceased to be, one
-- person.
{{ config(materialized='table') }}
-- depends_on: {{ ref('stg_landing__delivery') }}
-- depends_on: {{ ref('int_touched__number') }}
-- depends_on: {{ ref('int_touched__person') }}
-- depends_on: {{ ref('int_touched__persontjenesten_person') }}
-- depends_on: {{ ref('int_persontjenesten__person') }}
-- depends_on: {{ ref('person_number') }}
{%- if is_whole_build() %}
select cast(null as varchar) as number
where false
{%- else %}
with touched_on_the_right as (
    select
        persons.nin as right_nin,
        numbers.nin
    from {{ ref('int_persontjenesten__person') }} as persons
    left join {{ ref('person_number') }} as numbers on persons.nin = numbers.number
    where persons.persontjenesten_id in (select number from {{ ref('int_touched__persontjenesten_person') }})
),

matched_before as (
    select
        right_nin,
        nin
    from {{ as_last_built('int_comparison__match') }}
    where persontjenesten_id in (select number from {{ ref('int_touched__persontjenesten_person') }})
),

pairs_before as (
    select * from {{ as_last_built('int_comparison__person_pair') }}
),

read_until as (
    select
        max(case when source = 'freg' then created_at end) as left_read_at,
        max(case when source = 'persontjenesten' then created_at end) as right_read_at
    from {{ ref('stg_landing__delivery') }}
    where is_in_force
),

tied as (
    select number from {{ ref('int_touched__number') }}
    where is_tied
),

final as (
    select number from {{ ref('int_touched__number') }}
    union
    select number from {{ ref('int_touched__person') }}
    union
    select coalesce(nin, right_nin) as number from touched_on_the_right
    union
    select coalesce(nin, right_nin) as number from matched_before
    union
    select pairs_before.nin as number
    from pairs_before
    cross join read_until
    where
        pairs_before.is_changed_since
        and not coalesce(
            pairs_before.left_registered_at > read_until.right_read_at
            or pairs_before.right_registered_at > read_until.left_read_at,
            false
        )
    {%- for side in ['left', 'right'] %}
    {%- for relative in ['mothers_nin', 'fathers_nin', 'spouse_nin', 'old_nin'] %}
    union
    select nin as number from pairs_before
    where {{ side }}_{{ relative }} in (select number from tied)
    {%- endfor %}
    {%- endfor %}
)

select number from final
{%- endif %}
