-- PREG's present addresses beside Persontjenesten's, for the persons whom both have. Where PREG hides an address and
-- Persontjenesten gives none, there is nothing to compare.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('nin', ref('int_touched__pair')) }}"
) }}
{%- set left_columns = [
    'date_adr_from', 'postal_type', 'date_postal_type', 'st', 'municipality', 'street_name', 'street_number',
    'house_number', 'house_letter', 'apartment_number', 'cadastral_number', 'property_number', 'co_address',
    'address_line1', 'address_line2', 'address_line3', 'postal_address', 'postal_address_valid_from', 'postal_code',
    'postal_place', 'country', 'district_code', 'district_name', 'basic_statistical_unit', 'constituency',
    'school_district'
] %}
{%- set explaining_columns = ['postal_type_value', 'district_code_meaning', 'district_name_meaning'] %}
with pairs as (
    select
        nin,
        right_document_number,
        is_changed_since
    from {{ ref('int_comparison__person_pair') }} as person_pairs
    where {{ only_just_built('person_pairs') }}
),

left_addresses as (
    select * from {{ ref('preg_address') }}
    where current_address and nin in (select nin from pairs)
),

right_addresses as (
    select * from {{ ref('int_persontjenesten__address') }}
    where document_number in (select right_document_number from pairs)
),

final as (
    select
        pairs.nin,
        pairs.is_changed_since,
        {{ built_after() }},
        coalesce(left_side.enrichment_method = 'hidden', false)
        or coalesce(right_side.postal_type in (4, 6, 7), false) as is_hidden,
        {{ paired_columns('left_side', 'left', left_columns) }},
        {{ paired_columns('right_side', 'right', left_columns + explaining_columns) }}
    from pairs
    left join left_addresses as left_side on pairs.nin = left_side.nin
    left join right_addresses as right_side
        on pairs.right_document_number = right_side.document_number
    where
        (left_side.nin is not null or right_side.document_number is not null)
        and not (coalesce(left_side.enrichment_method = 'hidden', false) and right_side.document_number is null)
)

select * from final
