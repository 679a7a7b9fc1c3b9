-- The person record of PREG and the three fields of its store, each by its rule in macros/preg_person.sql: as PREG
-- shows it, and as it showed it before (int_person__state).
{{ rebuilt_for_affected('person_nin', 'int_affected__number') }}
{%- set relatives = freg_relatives() %}
with retired as (
    select
        number,
        nin
    from {{ ref('int_person__number') }}
    where number <> nin
),

records as (
    select
        states.nin,
        states.person_nin,
        states.is_present,
        person.*,
        build.former_number(
            list_transform(person.identifikasjonsnummer, lambda entry: {
                'number': entry.foedselsEllerDNummer,
                'valid_from': entry.gyldighetstidspunkt,
                'valid_to': entry.opphoerstidspunkt
            }),
            states.nin
        ) as tidligere_nummer
    from {{ ref('int_person__state') }} as states
    inner join {{ ref('stg_freg__person') }} as person on states.document_number = person.document_number
    where {{ only_just_built('states') }}
),

-- In the words of macros/preg_person.sql.
persons as (
    select
        records.document_number,
        records.person_nin,
        records.is_present,
        records.nin as number,
        -- A number leads to one person; another who lists it, as after a split of which one event has come, does not
        -- show it.
        case
            when not coalesce(
                records.is_present and former.nin <> records.person_nin,
                false
            ) then records.tidligere_nummer
        end as former_number,
        records.fornavn as given_name,
        records.mellomnavn as middle_name,
        records.etternavn as family_name,
        records.forkortet_navn as short_name,
        records.navn_gyldig_fra as name_valid_from,
        records.etternavn_foer_ekteskap as family_name_before_marriage,
        records.foedselsdato as birth_date,
        records.doedsdato as deceased_date,
        records.kjoenn as gender,
        records.status,
        records.status_gyldig_fra as status_valid_from,
        records.fraflyttingsland as immigrated_from,
        records.innflyttet as immigrated_at,
        records.tilflyttingsland as emigrated_to,
        records.utflyttet as emigrated_at,
        records.sivilstand as marital_status,
        records.sivilstandsdato as marital_status_date,
        -- A relative who is named by a retired number is named by the one that the person goes by now.
        {%- for relative, name in relatives.items() %}
        coalesce(retired_{{ relative }}.nin, records.{{ relative }}) as {{ name }},
        {%- endfor %}
        records.statsborgerskap as citizenship,
        records.statsborgerskap_fra as citizenship_from,
        records.ansvarstyper as responsibility_types,
        records.siste_ansvar as latest_responsibility,
        records.ansvar_fra as responsibility_from,
        records.er_fratatt_rettslig_handleevne as is_deprived_of_legal_authority,
        records.fratatt_rettslig_handleevne_fra as deprived_of_legal_authority_from,
        records.oppholdstillatelse as residence_permit_type,
        records.opphold_fra as stay_from,
        records.utlendingsnummer as immigration_authorities_number
    from records
    left join {{ ref('int_person__number') }} as former on records.tidligere_nummer = former.number
    {%- for relative in relatives %}
    left join retired as retired_{{ relative }} on records.{{ relative }} = retired_{{ relative }}.number
    {%- endfor %}
),

final as (
    {{ preg_person('persons', 'freg', extra_columns=['document_number', 'person_nin', 'is_present']) }}
)

select * from final
