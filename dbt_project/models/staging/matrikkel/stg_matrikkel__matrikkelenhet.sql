-- One row per plot. `kommune` is the kommune's identity in the register, or its number.
{{ latest_rows(
    'matrikkel_matrikkelenhet', ['matrikkelenhet_id'],
    ['kommune', 'gardsnummer', 'bruksnummer', 'festenummer', 'seksjonsnummer']
) }}
