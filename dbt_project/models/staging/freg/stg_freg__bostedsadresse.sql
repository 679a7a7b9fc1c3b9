-- One row per entry of bostedsadresse in a document: where a person lives.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.bostedsadresse) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        'bostedsadresse' as address_type,
        freg.is_current(entry, delivered_at) as is_current,
        entry.ajourholdstidspunkt as registered_at,
        record.local_date(entry.gyldighetstidspunkt) as valid_from,
        record.local_date(entry.opphoerstidspunkt) as valid_to,
        coalesce(entry.flyttedato, record.local_date(entry.gyldighetstidspunkt)) as starts_on,
        freg.address_grade(entry.adressegradering) as grade,
        entry.ukjentBosted is not null and entry.vegadresse is null and entry.matrikkeladresse is null
            as is_unknown_residence,
        coalesce(
            entry.vegadresse.kommunenummer,
            entry.matrikkeladresse.matrikkelnummer.kommunenummer,
            entry.ukjentBosted.bostedskommune
        ) as st,
        text.normalized(entry.vegadresse.adressenavn) as street_name,
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
        text.normalized(coalesce(entry.vegadresse.coAdressenavn, entry.matrikkeladresse.coAdressenavn)) as co_address,
        text.normalized(coalesce(entry.vegadresse.poststed.postnummer, entry.matrikkeladresse.poststed.postnummer))
            as postal_code,
        text.normalized(
            coalesce(entry.vegadresse.poststed.poststedsnavn, entry.matrikkeladresse.poststed.poststedsnavn)
        ) as postal_place,
        text.normalized(entry.adresseIdentifikatorFraMatrikkelen) as matrikkel_address_id,
        text.normalized(entry.naerAdresseIdentifikatorFraMatrikkelen) as near_matrikkel_address_id,
        entry.grunnkrets,
        entry.stemmekrets as constituency,
        entry.skolekrets as school_district
    from entries
)

select * from final
