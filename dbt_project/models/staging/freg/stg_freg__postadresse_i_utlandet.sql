-- One row per entry of postadresseIUtlandet in a document: where letters are sent abroad.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.postadresseIUtlandet) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        'postadresseIUtlandet' as address_type,
        freg.is_current(entry, delivered_at) as is_current,
        entry.ajourholdstidspunkt as registered_at,
        record.local_date(entry.gyldighetstidspunkt) as valid_from,
        record.local_date(entry.opphoerstidspunkt) as valid_to,
        record.local_date(entry.gyldighetstidspunkt) as starts_on,
        freg.address_grade(entry.adressegradering) as grade,
        true as is_abroad,
        coalesce(entry.utenlandskAdresse.landkode, entry.utenlandskAdresseIFrittFormat.landkode) as country,
        text.normalized(entry.utenlandskAdresse.adressenavn) as street_name,
        text.normalized(entry.utenlandskAdresse.coAdressenavn) as co_address,
        text.normalized(entry.utenlandskAdresse.bygning) as building,
        text.normalized(concat_ws(' ', entry.utenlandskAdresse.etasjenummer, entry.utenlandskAdresse.boenhet))
            as floor_and_unit,
        text.normalized(entry.utenlandskAdresse.postboks) as post_box,
        entry.utenlandskAdresseIFrittFormat.adresselinje as free_lines,
        text.normalized(coalesce(entry.utenlandskAdresse.postkode, entry.utenlandskAdresseIFrittFormat.postkode))
            as postal_code,
        text.normalized(
            coalesce(entry.utenlandskAdresse.byEllerStedsnavn, entry.utenlandskAdresseIFrittFormat.byEllerStedsnavn)
        ) as postal_place
    from entries
)

select * from final
