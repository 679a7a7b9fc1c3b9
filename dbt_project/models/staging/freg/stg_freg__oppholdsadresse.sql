-- One row per entry of oppholdsadresse in a document: where a person stays besides the residence. What
-- it shares with the other elements of a home or stay is in macros/addresses.sql.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.oppholdsadresse) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        'oppholdsadresse' as address_type,
        freg.is_current(entry, delivered_at) as is_current,
        entry.ajourholdstidspunkt as registered_at,
        record.local_date(entry.gyldighetstidspunkt) as valid_from,
        record.local_date(entry.opphoerstidspunkt) as valid_to,
        coalesce(entry.oppholdsadressedato, record.local_date(entry.gyldighetstidspunkt)) as starts_on,
        freg.address_grade(entry.adressegradering) as grade,
        entry.oppholdAnnetSted as stay,
        entry.utenlandskAdresse.landkode is not null as is_abroad,
        coalesce(entry.vegadresse.kommunenummer, entry.matrikkeladresse.matrikkelnummer.kommunenummer) as st,
        text.normalized(coalesce(entry.vegadresse.adressenavn, entry.utenlandskAdresse.adressenavn)) as street_name,
        {{ freg_street_or_plot() }},
        text.normalized(
            coalesce(
                entry.vegadresse.coAdressenavn,
                entry.matrikkeladresse.coAdressenavn,
                entry.utenlandskAdresse.coAdressenavn
            )
        ) as co_address,
        text.normalized(
            coalesce(
                entry.vegadresse.poststed.postnummer,
                entry.matrikkeladresse.poststed.postnummer,
                entry.utenlandskAdresse.postkode
            )
        ) as postal_code,
        text.normalized(
            coalesce(
                entry.vegadresse.poststed.poststedsnavn,
                entry.matrikkeladresse.poststed.poststedsnavn,
                entry.utenlandskAdresse.byEllerStedsnavn
            )
        ) as postal_place,
        entry.utenlandskAdresse.landkode as country,
        text.normalized(entry.utenlandskAdresse.bygning) as building,
        text.normalized(concat_ws(' ', entry.utenlandskAdresse.etasjenummer, entry.utenlandskAdresse.boenhet))
            as floor_and_unit,
        text.normalized(entry.utenlandskAdresse.postboks) as post_box
    from entries
)

select * from final
