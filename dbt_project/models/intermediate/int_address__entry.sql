-- Every address entry of every document, present and former, with the grade in force for it.
{{ config(
    materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_new_documents() }}"
) }}
{%- set elements = [
    'bostedsadresse', 'delt_bosted', 'oppholdsadresse', 'postadresse', 'postadresse_i_utlandet'
] %}
with entries as (
    {% for element in elements %}
    select * from {{ ref('stg_freg__' ~ element) }}
    where {{ only_new_documents() }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

persons as (
    select
        document_number,
        graderingsnivaa
    from {{ ref('stg_freg__person') }}
    where {{ only_new_documents() }}
),

final as (
    select
        {{ strictest_grade('persons.graderingsnivaa', 'entries.grade', 'strengtFortrolig', 'fortrolig',
            'klientadresse') }} as grade_in_force,
        {{ house_key('entries') }} as house_key,
        {{ dwelling_key('entries') }} as dwelling_key,
        entries.*
    from entries
    inner join persons on entries.document_number = persons.document_number
)

select * from final
