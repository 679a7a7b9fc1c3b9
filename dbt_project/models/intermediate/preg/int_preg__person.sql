-- The person record of PREG and the three fields of its store, each by its rule in macros/preg_person.sql: as PREG
-- shows it, and as it showed it before (int_person__state).
{{ rebuilt_for_affected('person_nin', 'int_affected__number') }}
with retired as (
    select
        number,
        nin
    from {{ ref('int_person__number') }}
    where number <> nin
),

records as (
    select
        states.person_nin,
        states.is_present,
        states.nin as number,
        person.*,
        record.former_number(
            list_transform(person.identifikasjonsnummer, lambda entry: {
                'number': entry.foedselsEllerDNummer,
                'valid_from': entry.gyldighetstidspunkt,
                'valid_to': entry.opphoerstidspunkt
            }),
            states.nin
        ) as former_number
    from {{ ref('int_person__state') }} as states
    inner join {{ ref('stg_freg__person') }} as person on states.document_number = person.document_number
    where {{ only_just_built('states') }}
),

persons as (
    select
        records.* replace (
            -- A number leads to one person; another who lists it, as after a split of which one event has come, does
            -- not show it.
            case
                when not coalesce(records.is_present and former.nin <> records.person_nin, false)
                    then records.former_number
            end as former_number,
            -- A relative who is named by a retired number is named by the one that the person goes by now.
            coalesce(retired_mother.nin, records.mother) as mother,
            coalesce(retired_father.nin, records.father) as father,
            coalesce(retired_co_mother.nin, records.co_mother) as co_mother,
            coalesce(retired_spouse.nin, records.spouse) as spouse,
            coalesce(retired_last_spouse.nin, records.last_related_by_marital_status)
                as last_related_by_marital_status
        )
    from records
    left join {{ ref('int_person__number') }} as former on records.former_number = former.number
    left join retired as retired_mother on records.mother = retired_mother.number
    left join retired as retired_father on records.father = retired_father.number
    left join retired as retired_co_mother on records.co_mother = retired_co_mother.number
    left join retired as retired_spouse on records.spouse = retired_spouse.number
    left join retired as retired_last_spouse
        on records.last_related_by_marital_status = retired_last_spouse.number
),

final as (
    {{ preg_person('persons', 'freg', extra_columns=['document_number', 'person_nin', 'is_present']) }}
)

select * from final
