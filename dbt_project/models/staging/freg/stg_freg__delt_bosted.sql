-- One row per entry of deltBosted in a document: the second home of a child with two. What it
-- shares with the other elements of a home or stay is in macros/addresses.sql.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.deltBosted) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        'deltBosted' as address_type,
        freg.is_current(entry, delivered_at) as is_current,
        entry.ajourholdstidspunkt as registered_at,
        record.local_date(entry.gyldighetstidspunkt) as valid_from,
        record.local_date(entry.opphoerstidspunkt) as valid_to,
        coalesce(entry.startdatoForKontrakt, record.local_date(entry.gyldighetstidspunkt)) as starts_on,
        freg.address_grade(entry.adressegradering) as grade,
        entry.ukjentBosted is not null and entry.vegadresse is null and entry.matrikkeladresse is null
            as is_unknown_residence,
        coalesce(entry.vegadresse.kommunenummer, entry.matrikkeladresse.matrikkelnummer.kommunenummer) as st,
        text.normalized(entry.vegadresse.adressenavn) as street_name,
        {{ freg_street_or_plot() }},
        text.normalized(coalesce(entry.vegadresse.coAdressenavn, entry.matrikkeladresse.coAdressenavn)) as co_address,
        text.normalized(coalesce(entry.vegadresse.poststed.postnummer, entry.matrikkeladresse.poststed.postnummer))
            as postal_code,
        text.normalized(
            coalesce(entry.vegadresse.poststed.poststedsnavn, entry.matrikkeladresse.poststed.poststedsnavn)
        ) as postal_place,
        text.normalized(entry.naerAdresseIdentifikatorFraMatrikkelen) as near_matrikkel_address_id
    from entries
)

select * from final
