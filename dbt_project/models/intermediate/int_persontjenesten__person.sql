-- Persontjenesten's persons in PREG's words: the columns of preg_person by the same rules, plus what the comparison
-- needs to explain a difference: `<column>_value`, the source's own value of a recoded column.
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('persontjenesten_id', ref('int_touched__persontjenesten_person')) }}"
) }}
with persons as (
    select
        *,
        {{ responsibility('responsibility_types', 'latest_responsibility', 'Joint', 'Mother', 'Father', 'CoMother') }}
            as responsibility,
        {{ country_moved('emigrated_to', 'emigrated_at', 'immigrated_from', 'immigrated_at') }} as moved_country
    from {{ ref('stg_persontjenesten__person') }}
    where {{ only_touched('persontjenesten_id', ref('int_touched__persontjenesten_person')) }}
),

final as (
    select
        persons.persontjenesten_id,
        persons.document_number,
        persons.registered_at,
        persons.protection_level,
        persons.protection_level_from,
        {{ current_number('persons.number_in_use') }} as nin,
        {{ former_number('persons.numbers', 'persons.number_in_use', 'identificationNumber', 'validFrom', 'validTo') }}
            as old_nin,
        {{ as_is('persons.given_name') }} as given_name,
        {{ as_is('persons.middle_name') }} as middle_name,
        {{ family_name('persons.family_name', 'persons.given_name', 'persons.short_name') }} as sn,
        {{ as_is('persons.birth_date') }} as date_of_birth,
        {{ code_list('reg_status', 'integer') }} as reg_status,
        {{ status_date('reg_status.code', 'persons.status_valid_from', 'persons.deceased_date') }} as date_status,
        {{ country_code('moved', 'integer') }} as status_country_code,
        {{ code_list('marital_status', 'integer', missing='0', value='persons.marital_status') }} as marital_status,
        {{ as_is('persons.marital_status_date') }} as date_marital_status,
        {{ as_is('persons.mother') }} as mothers_nin,
        {{ second_parent('persons.father', 'persons.co_mother') }} as fathers_nin,
        {{ spouse('persons.last_related_by_marital_status', 'persons.spouse') }} as spouse_nin,
        {{ country_code('citizen') }} as citizenship,
        {{ never_filled('varchar') }} as citizenship_code,
        {{ as_is('persons.citizenship_from') }} as date_citizenship,
        {{ code_list('custody') }} as custody,
        {{ as_is('persons.responsibility_from') }} as date_custody,
        {{ never_filled('integer') }} as parental_responsibility,
        {{ never_filled('date') }} as date_parental_responsibility,
        {{ yes_or_blank('persons.is_deprived_of_legal_authority') }} as without_legal_capacity,
        {{ as_is('persons.deprived_of_legal_authority_from') }} as date_without_legal_capacity,
        {{ code_list('work_permit') }} as work_permit,
        {{ as_is('persons.stay_from') }} as date_work_permit,
        {{ as_is('persons.immigration_authorities_number') }} as duf_no,
        {{ code_list('gender', 'integer', missing='0', value='persons.gender') }} as gender,
        {{ maiden_name('persons.family_name', 'persons.family_name_before_marriage') }} as maiden_name,
        {{ as_is('persons.name_valid_from') }} as date_when_name_registered,
        persons.status as reg_status_value,
        persons.moved_country as status_country_code_value,
        persons.marital_status as marital_status_value,
        persons.citizenship as citizenship_value,
        persons.responsibility as custody_value,
        persons.residence_permit_type as work_permit_value,
        persons.gender as gender_value
    from persons
    {{ code_list_join('reg_status', 'RegStatus', 'persontjenesten', 'persons.status') }}
    {{ code_list_join('marital_status', 'MaritalStatus', 'persontjenesten', 'persons.marital_status') }}
    {{ code_list_join('custody', 'Custody', 'persontjenesten', 'persons.responsibility') }}
    {{ code_list_join('gender', 'Gender', 'persontjenesten', 'persons.gender') }}
    {{ code_list_join('work_permit', 'WorkPermit', 'persontjenesten', 'persons.residence_permit_type') }}
    left join {{ ref('landkode') }} as moved on persons.moved_country = moved.iso_alfa3
    left join {{ ref('landkode') }} as citizen on persons.citizenship = citizen.iso_alfa3
)

select * from final
