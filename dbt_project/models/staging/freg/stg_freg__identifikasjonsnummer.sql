-- Every number in every document.
{{ rebuilt_for_new_documents() }}
with entries as (
    select
        document_number,
        sekvensnummer,
        delivery_rank,
        is_in_force,
        unnest(folkeregisterperson.identifikasjonsnummer) as entry
    from {{ ref('stg_freg__dokument') }}
    where {{ only_new_documents() }}
),

final as (
    select
        document_number,
        sekvensnummer,
        delivery_rank,
        is_in_force,
        entry.foedselsellerdnummer as nummer,
        entry.identifikatortype,
        entry.status,
        entry.status = 'iBruk' as er_i_bruk,
        coalesce(entry.ergjeldende, entry.opphoerstidspunkt is null) as er_gjeldende,
        entry.gyldighetstidspunkt,
        entry.opphoerstidspunkt
    from entries
)

select * from final
