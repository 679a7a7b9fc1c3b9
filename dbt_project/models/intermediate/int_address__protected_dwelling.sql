-- Dwellings that nobody may learn: where a person with a protected address (fortrolig, strengt fortrolig) lives or
-- stays now. Empty when the project variable household_protection is none.
with final as (
    select distinct dwelling_key
    from {{ ref('int_address__entry') }}
    where
        is_current
        and address_type in ('bostedsadresse', 'oppholdsadresse')
        and grade_in_force in ('fortrolig', 'strengtFortrolig')
        and dwelling_key is not null
        and '{{ var("household_protection") }}' = 'dwelling'
)

select * from final
