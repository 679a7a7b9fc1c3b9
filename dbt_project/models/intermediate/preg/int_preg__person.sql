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
        build.former_number(
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
            {%- for relative in relatives() %}
            coalesce(retired_{{ relative }}.nin, records.{{ relative }}) as {{ relative }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    from records
    left join {{ ref('int_person__number') }} as former on records.former_number = former.number
    {%- for relative in relatives() %}
    left join retired as retired_{{ relative }} on records.{{ relative }} = retired_{{ relative }}.number
    {%- endfor %}
),

final as (
    {{ preg_person('persons', 'freg', extra_columns=['document_number', 'person_nin', 'is_present']) }}
)

select * from final
