-- One row per krets of any kind; kretstype in small letters (grunnkrets, valgkrets, skolekrets, postnummeromraade
-- ...).
{{ latest_rows(
    'matrikkel_krets', ['krets_id'], ['kretsnummer', 'kretsnavn'], built={'kretstype': 'lower(matrikkel.kretstype)'}
) }}
