-- Dwellings that nobody may learn: where a person with a protected address (fortrolig, strengt fortrolig) lives or
-- stays now. Empty when PREG_HOUSEHOLD_PROTECTION is none (see docs/protection.md).
with final as (
    select distinct dwelling_key
    from {{ ref('int_address__entry') }}
    where
        is_current
        and address_type in ('bostedsadresse', 'oppholdsadresse')
        and grade_in_force in ('fortrolig', 'strengtFortrolig')
        and dwelling_key is not null
        and '{{ env_var("PREG_HOUSEHOLD_PROTECTION", "dwelling") }}' = 'dwelling'
)

select * from final
