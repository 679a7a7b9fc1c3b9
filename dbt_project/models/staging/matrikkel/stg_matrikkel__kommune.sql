-- One row per kommune of the register; it keeps its identity when it gets another number.
{{ latest_rows(
    'matrikkel_kommune', ['kommune_id'], ['kommunenavn', 'fylke_id', 'gyldig_fra', 'gyldig_til'],
    built={'kommunenummer': 'text.left_padded(matrikkel.kommunenummer, 4)'}
) }}
