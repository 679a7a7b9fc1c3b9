-- Dwellings that nobody may learn: where a person with a protected address (fortrolig, strengt fortrolig) lives or
-- stays now; and where the number of the dwelling is not told, of either, every one in the house that may be the
-- same: a spouse or a child would else give it away. None when PREG_HOUSEHOLD_PROTECTION is none (docs/protection.md).
-- A dwelling that this build took off the list stands there once more, no longer protected: whoever lives there must
-- be shown again.
{{ config(materialized='table') }}
with secret as (
    select distinct
        entries.house_key,
        entries.dwelling_key,
        coalesce(trim(entries.apartment_number), '') = '' as is_any_in_the_house
    from {{ ref('int_address__entry') }} as entries
    inner join {{ ref('int_person__state') }} as states
        on entries.document_number = states.document_number and states.is_present
    where
        entries.is_current
        and entries.address_type in ('bostedsadresse', 'oppholdsadresse')
        and entries.grade_in_force in ('fortrolig', 'strengtFortrolig')
        and entries.dwelling_key is not null
        and '{{ env_var("PREG_HOUSEHOLD_PROTECTION", "dwelling") }}' = 'dwelling'
),

protected_now as (
    select distinct entries.dwelling_key
    from {{ ref('int_address__entry') }} as entries
    inner join secret on entries.house_key = secret.house_key
    where
        entries.dwelling_key = secret.dwelling_key
        or coalesce(trim(entries.apartment_number), '') = ''
        or secret.is_any_in_the_house
),

protected_before as (
    {% if is_whole_build() or not load_relation(this) %}
    select dwelling_key from protected_now
    {% else %}
    select dwelling_key from {{ this }}
    where is_protected
    {% endif %}
),

final as (
    select
        coalesce(protected_now.dwelling_key, protected_before.dwelling_key) as dwelling_key,
        protected_now.dwelling_key is not null as is_protected,
        protected_now.dwelling_key is null or protected_before.dwelling_key is null as is_changed
    from protected_now
    full outer join protected_before on protected_now.dwelling_key = protected_before.dwelling_key
)

select * from final
