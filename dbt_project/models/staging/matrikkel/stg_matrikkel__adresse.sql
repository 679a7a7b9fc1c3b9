-- One row per address of the public address files; of its rows the one that was updated last represents it, of its
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
        'kommunenummer': 'text.left_padded(matrikkel.kommunenummer, 4)',
        'kommunenavn': 'text.normalized(matrikkel.kommunenavn)',
        'adressetilleggsnavn': 'text.normalized(matrikkel.adressetilleggsnavn)',
        'adressenavn': 'text.normalized(matrikkel.adressenavn)',
        'bokstav': 'text.normalized(matrikkel.bokstav)',
        'postnummer': 'text.left_padded(matrikkel.postnummer, 4)',
        'poststed': 'text.normalized(matrikkel.poststed)',
        'grunnkretsnummer': 'text.left_padded(matrikkel.grunnkretsnummer, 8)',
        'grunnkretsnavn': 'text.normalized(matrikkel.grunnkretsnavn)',
        'oest': utm33('oest', 'coalesce(matrikkel.epsg_kode, 25833) = 25833'),
        'nord': utm33('nord', 'coalesce(matrikkel.epsg_kode, 25833) = 25833'),
    },
    then_by='matrikkel.oppdateringsdato desc nulls last, matrikkel.bruksenhetsnummer asc, matrikkel.grunnkretsnummer asc'
) }}
