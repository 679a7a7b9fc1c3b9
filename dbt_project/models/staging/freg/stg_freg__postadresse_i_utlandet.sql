with entries as (
    select
        document_number,
        delivered_at,
        {{ one_row_each('folkeregisterperson.postadresseIUtlandet') }} as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        {{ address_shape(tidied_texts({
            'address_type': "'postadresseIUtlandet'",
            'is_current': freg_holds(),
            'registered_at': 'entry.ajourholdstidspunkt',
            'valid_from': local_date('entry.gyldighetstidspunkt'),
            'valid_to': local_date('entry.opphoerstidspunkt'),
            'starts_on': local_date('entry.gyldighetstidspunkt'),
            'grade': address_grade('entry.adressegradering', freg_grades()),
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
