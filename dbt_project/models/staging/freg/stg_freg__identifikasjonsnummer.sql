with entries as (
    select
        document_number,
        sekvensnummer,
        delivery_rank,
        {{ one_row_each('folkeregisterperson.identifikasjonsnummer') }} as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        sekvensnummer,
        delivery_rank,
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
