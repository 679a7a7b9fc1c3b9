-- Every address entry of every document, present and former. Entries with the same `place_key` say the same of where
-- they are, word for word (int_address__place).
{{ rebuilt_for_new_documents() }}
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

final as (
    select
        hash(row({{ place_members() | join(', ') }})) as place_key,
        entries.*
    from entries
)

select * from final
