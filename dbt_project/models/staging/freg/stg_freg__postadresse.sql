-- One row per entry of postadresse in a document: where a person wants letters sent, in Norway.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.postadresse) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        'postadresse' as address_type,
        freg.is_current(entry, delivered_at) as is_current,
        entry.ajourholdstidspunkt as registered_at,
        record.local_date(entry.gyldighetstidspunkt) as valid_from,
        record.local_date(entry.opphoerstidspunkt) as valid_to,
        record.local_date(entry.gyldighetstidspunkt) as starts_on,
        freg.address_grade(entry.adressegradering) as grade,
        text.normalized(entry.vegadresse.adressenavn) as street_name,
        text.normalized(entry.vegadresse.adressekode) as street_number,
        text.normalized(entry.vegadresse.adressenummer.husnummer) as house_number,
        text.normalized(entry.vegadresse.adressenummer.husbokstav) as house_letter,
        text.normalized(entry.vegadresse.bruksenhetsnummer) as apartment_number,
        text.normalized(entry.vegadresse.adressetilleggsnavn) as additional_name,
        text.normalized(coalesce(entry.vegadresse.coAdressenavn, entry.postboksadresse.postbokseier)) as co_address,
        text.normalized(entry.postboksadresse.postboks) as post_box,
        entry.postadresseIFrittFormat.adresselinje as free_lines,
        text.normalized(
            coalesce(
                entry.postboksadresse.poststed.postnummer,
                entry.vegadresse.poststed.postnummer,
                entry.postadresseIFrittFormat.poststed.postnummer
            )
        ) as postal_code,
        text.normalized(
            coalesce(
                entry.postboksadresse.poststed.poststedsnavn,
                entry.vegadresse.poststed.poststedsnavn,
                entry.postadresseIFrittFormat.poststed.poststedsnavn
            )
        ) as postal_place,
        text.normalized(entry.adresseIdentifikatorFraMatrikkelen) as matrikkel_address_id
    from entries
)

select * from final
