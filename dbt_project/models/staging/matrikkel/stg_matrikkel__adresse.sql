-- One row an address of the public address files; of its dwellings, the first stands for it. Coordinates in EPSG 25833.
{{ latest_rows(
    'matrikkel_adresse', ['lokal_id'],
    [
        'kommunenummer', 'kommunenavn', 'adressetype', 'adressetilleggsnavn', 'adressekode', 'adressenavn', 'nummer',
        'bokstav', 'gardsnummer', 'bruksnummer', 'festenummer', 'undernummer', 'postnummer', 'poststed',
        'grunnkretsnavn', 'valgkretsnummer',
    ],
    built={
        'adresse_id': 'matrikkel.lokal_id',
        'grunnkretsnummer': left_padded('matrikkel.grunnkretsnummer', 8),
        'oest': utm33('oest', 'coalesce(matrikkel.epsg_kode, 25833) = 25833'),
        'nord': utm33('nord', 'coalesce(matrikkel.epsg_kode, 25833) = 25833'),
    },
    then_by='matrikkel.bruksenhetsnummer asc'
) }}
