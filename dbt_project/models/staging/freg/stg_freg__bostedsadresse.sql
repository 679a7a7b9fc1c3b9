-- One row per entry of bostedsadresse in a document, as address_shape has it: where a person lives.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.bostedsadresse) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        {{ freg_address('bostedsadresse', starts_on='entry.flyttedato', own={
            'is_unknown_residence': 'entry.ukjentBosted is not null'
                ~ ' and entry.vegadresse is null and entry.matrikkeladresse is null',
            'st': 'coalesce(entry.vegadresse.kommunenummer, entry.matrikkeladresse.matrikkelnummer.kommunenummer,'
                ~ ' entry.ukjentBosted.bostedskommune)',
            'near_matrikkel_address_id': 'entry.naerAdresseIdentifikatorFraMatrikkelen',
            'basic_statistical_unit': 'entry.grunnkrets',
            'constituency': 'entry.stemmekrets',
            'school_district': 'entry.skolekrets',
        }) }}
    from entries
)

select * from final
