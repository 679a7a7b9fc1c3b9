-- Every address entry of every document, present and former, named as PREG names its columns; what an element lacks is
-- NULL. Entries with the same `place_key` say the same of where they are, word for word (int_address__place).
{{ rebuilt_for_new_documents() }}
with entries as (
    select * from {{ ref('stg_freg__bostedsadresse') }}
    where {{ only_new_documents() }}
    union all by name
    select * from {{ ref('stg_freg__delt_bosted') }}
    where {{ only_new_documents() }}
    union all by name
    select * from {{ ref('stg_freg__oppholdsadresse') }}
    where {{ only_new_documents() }}
    union all by name
    select * from {{ ref('stg_freg__postadresse') }}
    where {{ only_new_documents() }}
    union all by name
    select * from {{ ref('stg_freg__postadresse_i_utlandet') }}
    where {{ only_new_documents() }}
),

final as (
    select
        hash(row({{ place_members() | join(', ') }})) as place_key,
        entries.*
    from entries
)

select * from final
