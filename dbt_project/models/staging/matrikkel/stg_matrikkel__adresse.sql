-- One row an address of the public address files; of its rows the one that was updated last stands for it, of its
-- dwellings the first. Coordinates in EPSG 25833, numbers with the zeros that a spreadsheet took from them.
{{ latest_rows(
    'matrikkel_adresse', ['lokal_id'],
    [
        'adressetype',
        'adressekode',
        'nummer',
        'gardsnummer',
        'bruksnummer',
        'festenummer',
        'undernummer',
        'valgkretsnummer'
    ],
    built={
        'adresse_id': 'trim(matrikkel.lokal_id)',
        'kommunenummer': 'build.left_padded(matrikkel.kommunenummer, 4)',
        'kommunenavn': 'build.tidied(matrikkel.kommunenavn)',
        'adressetilleggsnavn': 'build.tidied(matrikkel.adressetilleggsnavn)',
        'adressenavn': 'build.tidied(matrikkel.adressenavn)',
        'bokstav': 'build.tidied(matrikkel.bokstav)',
        'postnummer': 'build.left_padded(matrikkel.postnummer, 4)',
        'poststed': 'build.tidied(matrikkel.poststed)',
        'grunnkretsnummer': 'build.left_padded(matrikkel.grunnkretsnummer, 8)',
        'grunnkretsnavn': 'build.tidied(matrikkel.grunnkretsnavn)',
        'oest': utm33('oest', 'coalesce(matrikkel.epsg_kode, 25833) = 25833'),
        'nord': utm33('nord', 'coalesce(matrikkel.epsg_kode, 25833) = 25833'),
    },
    then_by='matrikkel.oppdateringsdato desc nulls last, matrikkel.bruksenhetsnummer asc, matrikkel.grunnkretsnummer asc'
) }}
