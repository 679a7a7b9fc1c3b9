-- The addresses of the public address files as they ever were: a row for each time that one was delivered, with its
-- identifier, and with what stays when an identifier is given anew.
with final as (
    select
        lokal_id as adresse_id,
        uuid_adresse,
        kommunenummer,
        adressekode,
        adressenavn,
        nummer,
        bokstav,
        adressetilleggsnavn,
        gardsnummer,
        bruksnummer,
        festenummer,
        postnummer
    from {{ source('raw', 'matrikkel_adresse') }}
)

select * from final
