-- The person record of PREG and the three fields of its store, each by the rule that `field_mapping` names: as PREG
-- shows it, and as it showed it before (int_person__state).
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('person_nin', ref('int_touched__number')) }}"
) }}
{%- set relatives = freg_relatives() %}
with retired as (
    select
        number,
        nin
    from {{ ref('int_person__number') }}
    where number <> nin
),

persons as (
    select
        states.nin,
        states.person_nin,
        states.is_present,
        {{ all_except('person', relatives) }},
        -- Whoever is named by a retired number is named by the one that the person goes by now.
        {%- for relative in relatives %}
        coalesce(retired_{{ relative }}.nin, person.{{ relative }}) as {{ relative }},
        {%- endfor %}
        {{ former_number('person.identifikasjonsnummer', 'states.nin', 'foedselsEllerDNummer',
            'gyldighetstidspunkt', 'opphoerstidspunkt') }} as tidligere_nummer,
        {{ responsibility('ansvarstyper', 'siste_ansvar', 'felles', 'mor', 'far', 'medmor') }} as ansvar,
        {{ country_moved('tilflyttingsland', 'utflyttet', 'fraflyttingsland', 'innflyttet') }} as flytteland
    from {{ ref('int_person__state') }} as states
    inner join {{ ref('stg_freg__person') }} as person on states.document_number = person.document_number
    {%- for relative in relatives %}
    left join retired as retired_{{ relative }} on person.{{ relative }} = retired_{{ relative }}.number
    {%- endfor %}
    where {{ only_just_built('states') }}
),

final as (
    select
        persons.document_number,
        persons.person_nin,
        persons.is_present,
        {{ current_number('persons.nin') }} as nin,
        {{ former_number('persons.identifikasjonsnummer', 'persons.nin', 'foedselsEllerDNummer',
            'gyldighetstidspunkt', 'opphoerstidspunkt', not_when='persons.is_present and former.nin <> persons.person_nin') }}
            as old_nin,
        {{ replacing_number() }} as new_nin,
        {{ as_is('persons.fornavn') }} as given_name,
        {{ as_is('persons.mellomnavn') }} as middle_name,
        {{ family_name('persons.etternavn', 'persons.fornavn', 'persons.forkortet_navn') }} as sn,
        {{ as_is('persons.foedselsdato') }} as date_of_birth,
        {{ code_list('reg_status', 'integer') }} as reg_status,
        {{ status_date('reg_status.code', 'persons.status_gyldig_fra', 'persons.doedsdato') }} as date_status,
        {{ country_code('moved_country', 'integer') }} as status_country_code,
        {{ code_list('marital_status', 'integer', missing='0', value='persons.sivilstand') }} as marital_status,
        {{ as_is('persons.sivilstandsdato') }} as date_marital_status,
        {{ as_is('persons.mor') }} as mothers_nin,
        {{ second_parent('persons.far', 'persons.medmor') }} as fathers_nin,
        {{ spouse('persons.siste_relatert_ved_sivilstand', 'persons.ektefelle_eller_partner') }} as spouse_nin,
        {{ country_code('citizen_country') }} as citizenship,
        {{ never_filled('varchar') }} as citizenship_code,
        {{ as_is('persons.statsborgerskap_fra') }} as date_citizenship,
        {{ code_list('custody') }} as custody,
        {{ as_is('persons.ansvar_fra') }} as date_custody,
        {{ never_filled('integer') }} as parental_responsibility,
        {{ never_filled('date') }} as date_parental_responsibility,
        {{ yes_or_blank('persons.er_fratatt_rettslig_handleevne') }} as without_legal_capacity,
        {{ as_is('persons.fratatt_rettslig_handleevne_fra') }} as date_without_legal_capacity,
        {{ code_list('work_permit') }} as work_permit,
        {{ as_is('persons.opphold_fra') }} as date_work_permit,
        {{ as_is('persons.utlendingsnummer') }} as duf_no,
        {{ code_list('gender', 'integer', missing='0', value='persons.kjoenn') }} as gender,
        {{ maiden_name('persons.etternavn', 'persons.etternavn_foer_ekteskap') }} as maiden_name,
        {{ as_is('persons.navn_gyldig_fra') }} as date_when_name_registered
    from persons
    {{ code_list_join('reg_status', 'RegStatus', 'freg', 'persons.status') }}
    {{ code_list_join('marital_status', 'MaritalStatus', 'freg', 'persons.sivilstand') }}
    {{ code_list_join('custody', 'Custody', 'freg', 'persons.ansvar') }}
    {{ code_list_join('gender', 'Gender', 'freg', 'persons.kjoenn') }}
    {{ code_list_join('work_permit', 'WorkPermit', 'freg', 'persons.oppholdstillatelse') }}
    left join {{ ref('int_person__number') }} as former on persons.tidligere_nummer = former.number
    left join {{ ref('landkode') }} as moved_country on persons.flytteland = moved_country.iso_alfa3
    left join {{ ref('landkode') }} as citizen_country on persons.statsborgerskap = citizen_country.iso_alfa3
)

select * from final
