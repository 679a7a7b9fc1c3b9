-- One row per entry of postadresseIUtlandet in a document, as address_shape has it: where letters are sent abroad.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.postadresseIUtlandet) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        {{ address_shape(tidied_texts({
            'address_type': "'postadresseIUtlandet'",
            'is_current': 'build.freg_holds(entry, delivered_at)',
            'registered_at': 'entry.ajourholdstidspunkt',
            'valid_from': 'build.local_date(entry.gyldighetstidspunkt)',
            'valid_to': 'build.local_date(entry.opphoerstidspunkt)',
            'starts_on': 'build.local_date(entry.gyldighetstidspunkt)',
            'grade': 'build.freg_address_grade(entry.adressegradering)',
            'is_abroad': 'true',
            'country': 'coalesce(entry.utenlandskAdresse.landkode, entry.utenlandskAdresseIFrittFormat.landkode)',
            'street_name': 'entry.utenlandskAdresse.adressenavn',
            'co_address': 'entry.utenlandskAdresse.coAdressenavn',
            'building': 'entry.utenlandskAdresse.bygning',
            'floor_and_unit': "nullif(concat_ws(' ', entry.utenlandskAdresse.etasjenummer,"
                ~ " entry.utenlandskAdresse.boenhet), '')",
            'post_box': 'entry.utenlandskAdresse.postboks',
            'free_lines': 'entry.utenlandskAdresseIFrittFormat.adresselinje',
            'postal_code': 'coalesce(entry.utenlandskAdresse.postkode, entry.utenlandskAdresseIFrittFormat.postkode)',
            'postal_place': 'coalesce(entry.utenlandskAdresse.byEllerStedsnavn,'
                ~ ' entry.utenlandskAdresseIFrittFormat.byEllerStedsnavn)',
        })) }}
    from entries
)

select * from final
