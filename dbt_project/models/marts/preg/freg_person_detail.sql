-- What Freg says of a person that PREG's record has no room for. Ours, not PREG's. Whether somebody lives on Svalbard
-- is not shown for those whose address is hidden.
with hidden as (
    select distinct person_nin
    from {{ ref('int_preg__address') }}
    where is_present and current_address and enrichment_method = 'hidden'
),

final as (
    select
        persons.nin,
        persons.status as freg_status,
        persons.foedselsaar as year_of_birth,
        persons.originalt_fornavn as original_given_name,
        persons.originalt_mellomnavn as original_middle_name,
        persons.originalt_etternavn as original_family_name,
        persons.citizenship as citizenship_country,
        country.landnavn as citizenship_name,
        nullif(array_to_string(persons.statsborgerskap_alle, ' '), '') as citizenships,
        persons.residence_permit_type as residence_permit,
        persons.opphold_til as residence_permit_to,
        persons.rettslig_handleevne_omfang as legal_capacity_scope,
        persons.rettslig_handleevne_fra as legal_capacity_scope_from,
        case when hidden.person_nin is null then persons.svalbard_fra end as svalbard_from,
        case when hidden.person_nin is null then persons.svalbard_til end as svalbard_to
    from {{ ref('int_person__current') }} as persons
    left join {{ ref('landkode') }} as country on persons.citizenship = country.iso_alfa3
    left join hidden on persons.nin = hidden.person_nin
)

select * from final
