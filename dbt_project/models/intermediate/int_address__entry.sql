-- Every address entry of every person, present and former, with the grade in force for it.
with entries as (
    select * from {{ ref('stg_freg__bostedsadresse') }}
    union all
    select * from {{ ref('stg_freg__delt_bosted') }}
    union all
    select * from {{ ref('stg_freg__oppholdsadresse') }}
    union all
    select * from {{ ref('stg_freg__postadresse') }}
    union all
    select * from {{ ref('stg_freg__postadresse_i_utlandet') }}
),

persons as (
    select
        document_number,
        nin,
        graderingsnivaa
    from {{ ref('int_person__current') }}
),

final as (
    select
        persons.nin,
        {{ strictest_grade('persons.graderingsnivaa', 'entries.grade', 'strengtFortrolig', 'fortrolig',
            'klientadresse') }} as grade_in_force,
        {{ dwelling_key('entries') }} as dwelling_key,
        entries.*
    from entries
    inner join persons on entries.document_number = persons.document_number
)

select * from final
