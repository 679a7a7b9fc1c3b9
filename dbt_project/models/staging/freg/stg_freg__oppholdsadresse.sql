-- One row per entry of oppholdsadresse in a document: where a person stays besides the residence.
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
        text.normalized(entry.vegadresse.adressekode) as street_number,
        text.normalized(entry.vegadresse.adressenummer.husnummer) as house_number,
        text.normalized(entry.vegadresse.adressenummer.husbokstav) as house_letter,
        text.normalized(coalesce(entry.vegadresse.bruksenhetsnummer, entry.matrikkeladresse.bruksenhetsnummer))
            as apartment_number,
        entry.matrikkeladresse.matrikkelnummer.gaardsnummer as cadastral_number,
        entry.matrikkeladresse.matrikkelnummer.bruksnummer as property_number,
        nullif(entry.matrikkeladresse.matrikkelnummer.festenummer, 0) as leasehold_number,
        entry.matrikkeladresse.undernummer as sub_number,
        text.normalized(coalesce(entry.vegadresse.adressetilleggsnavn, entry.matrikkeladresse.adressetilleggsnavn))
            as additional_name,
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
        text.normalized(entry.adresseIdentifikatorFraMatrikkelen) as matrikkel_address_id,
        entry.utenlandskAdresse.landkode as country,
        text.normalized(entry.utenlandskAdresse.bygning) as building,
        text.normalized(concat_ws(' ', entry.utenlandskAdresse.etasjenummer, entry.utenlandskAdresse.boenhet))
            as floor_and_unit,
        text.normalized(entry.utenlandskAdresse.postboks) as post_box
    from entries
)

select * from final
