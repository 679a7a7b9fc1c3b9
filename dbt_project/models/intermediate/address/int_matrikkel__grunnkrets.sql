-- One row per grunnkrets: its name, from the addresses, else from the correspondence table; the bydel that it lies in,
-- from the correspondence table; and the bydel that serves it, which is the same unless bydel_uten_administrasjon says
-- otherwise.
{{ rebuilt_with_everything() }}
with correspondence as (
    select * from {{ ref('stg_matrikkel__grunnkrets_bydel') }}
),

of_addresses as (
    select
        grunnkretsnummer,
        min(grunnkretsnavn) as grunnkretsnavn
    from {{ ref('int_matrikkel__adresse') }}
    where grunnkretsnummer is not null
    group by grunnkretsnummer
),

final as (
    select
        coalesce(of_addresses.grunnkretsnummer, correspondence.grunnkretsnummer) as grunnkretsnummer,
        coalesce(of_addresses.grunnkretsnavn, correspondence.grunnkretsnavn) as grunnkretsnavn,
        correspondence.bydelsnummer,
        coalesce(correspondence.bydelsnavn, bydel.bydelsnavn) as bydelsnavn,
        case
            when served.bydelsnummer is null then correspondence.bydelsnummer
            else served.tjenesteytende_bydelsnummer
        end as tjenesteytende_bydelsnummer,
        case
            when served.bydelsnummer is null then coalesce(correspondence.bydelsnavn, bydel.bydelsnavn)
            else serving.bydelsnavn
        end as tjenesteytende_bydelsnavn
    from of_addresses
    full outer join correspondence on of_addresses.grunnkretsnummer = correspondence.grunnkretsnummer
    left join {{ ref('bydel') }} as bydel on correspondence.bydelsnummer = bydel.bydelsnummer
    left join {{ ref('bydel_uten_administrasjon') }} as served on correspondence.bydelsnummer = served.bydelsnummer
    left join {{ ref('bydel') }} as serving on served.tjenesteytende_bydelsnummer = serving.bydelsnummer
)

select * from final
{{ only_when_whole() }}
