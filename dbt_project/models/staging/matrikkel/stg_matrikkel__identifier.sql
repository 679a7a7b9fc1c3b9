-- The addresses of the public address files as they ever were: a row for each time that one was delivered, with its
-- identifier, and with what stays when an identifier is given again.
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
        postnummer,
        poststed,
        {{ utm33('oest', 'coalesce(matrikkel.epsg_kode, 25833) = 25833') }} as oest,
        {{ utm33('nord', 'coalesce(matrikkel.epsg_kode, 25833) = 25833') }} as nord
    from {{ source('raw', 'matrikkel_adresse') }} as matrikkel
)

select * from final
