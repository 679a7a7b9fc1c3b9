-- The running PREG's persons in the columns of preg_person, plus what the comparison needs to explain a difference:
-- `<column>_value`, the value as it was exported, of a column with a code list.
{{ rebuilt_for_affected('nin', 'int_affected__legacy_person') }}
{%- set code_lists = {
    'reg_status': 'RegStatus', 'marital_status': 'MaritalStatus', 'custody': 'Custody', 'gender': 'Gender',
    'work_permit': 'WorkPermit', 'without_legal_capacity': 'WithoutLegalCapacity'
} %}
{%- set recoded = code_lists.keys() | list + ['status_country_code', 'citizenship_code', 'citizenship'] %}
with persons as (
    select
        *,
        text.left_padded(cast(status_country_code as varchar), 3) as status_country_digits,
        text.left_padded(citizenship_code, 3) as citizenship_digits,
        {{ country_key('citizenship') }} as citizenship_key
    from {{ ref('stg_legacy__person') }}
    where {{ only_affected('nin', ref('int_affected__legacy_person')) }}
),

countries as (
    {{ countries_by_key() }}
),

final as (
    select
        persons.* exclude (
            {{ recoded | join(', ') }}, status_country_digits, citizenship_digits, citizenship_key
        ),
        {% for column, name in code_lists.items() %}
        {{ known_code(name, 'persons.' ~ column) }} as {{ column }},
        {% endfor %}
        {{ known_country('persons.status_country_digits', 'persons.status_country_code') }} as status_country_code,
        {{ known_country('persons.citizenship_digits', 'persons.citizenship_digits') }} as citizenship_code,
        -- PREG has SSB's code, and the country's name in about one of a hundred.
        country.country_code as citizenship,
        {% for column in recoded %}
        cast(persons.{{ column }} as varchar) as {{ column }}_value{{ ',' if not loop.last }}
        {% endfor %}
    from persons
    left join countries as country on persons.citizenship_key = country.country_key
)

select * from final
