-- PREG's persons beside Persontjenesten's, column by column (left_, right_), for those whom both have.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('nin', ref('int_touched__pair')) }}"
) }}
{%- set left_columns = [
    'nin', 'old_nin', 'given_name', 'middle_name', 'sn', 'date_of_birth', 'reg_status', 'date_status',
    'status_country_code', 'marital_status', 'date_marital_status', 'mothers_nin', 'fathers_nin', 'spouse_nin',
    'citizenship', 'citizenship_code', 'date_citizenship', 'custody', 'date_custody', 'parental_responsibility',
    'date_parental_responsibility', 'without_legal_capacity', 'date_without_legal_capacity', 'work_permit',
    'date_work_permit', 'duf_no', 'gender', 'maiden_name', 'date_when_name_registered'
] %}
{%- set explaining_columns = [
    'reg_status_value', 'status_country_code_value', 'marital_status_value', 'citizenship_value',
    'citizenship_code_value', 'custody_value', 'parental_responsibility_value', 'work_permit_value', 'gender_value'
] %}
with read_until as (
    select
        max(case when source = 'freg' then created_at end) as left_read_at,
        max(case when source = 'persontjenesten' then created_at end) as right_read_at
    from {{ ref('stg_landing__delivery') }}
    where is_in_force
),

matches as (
    select
        nin,
        document_number
    from {{ ref('int_comparison__match') }} as matches
    where is_match and {{ only_just_built('matches') }}
),

left_side as (
    select * from {{ ref('preg_person') }}
    where nin in (select nin from matches)
),

right_side as (
    select * from {{ ref('int_persontjenesten__person') }}
    where document_number in (select document_number from matches)
),

registered as (
    select
        nin,
        ajourholdstidspunkt
    from {{ ref('int_person__current') }}
    where nin in (select nin from matches)
),

final as (
    select
        left_side.nin,
        matches.document_number as right_document_number,
        {{ built_after() }},
        registered.ajourholdstidspunkt as left_registered_at,
        right_side.registered_at as right_registered_at,
        coalesce(
            registered.ajourholdstidspunkt > read_until.right_read_at
            or right_side.registered_at > read_until.left_read_at,
            false
        ) as is_changed_since,
        {{ paired_columns('left_side', 'left', left_columns) }},
        {{ paired_columns('right_side', 'right', left_columns + explaining_columns) }}
    from matches
    inner join left_side on matches.nin = left_side.nin
    inner join right_side on matches.document_number = right_side.document_number
    inner join registered on left_side.nin = registered.nin
    cross join read_until
)

select * from final
