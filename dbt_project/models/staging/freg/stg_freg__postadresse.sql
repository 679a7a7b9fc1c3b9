-- One row per entry of postadresse in a document, as address_shape has it: where a person wants letters sent, in
-- Norway.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.postadresse) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        {{ freg_address('postadresse', cadastral=false, own={
            'co_address': 'coalesce(entry.vegadresse.coAdressenavn, entry.postboksadresse.postbokseier)',
            'matrikkel_address_id': 'entry.adresseIdentifikatorFraMatrikkelen',
            'post_box': 'entry.postboksadresse.postboks',
            'free_lines': 'entry.postadresseIFrittFormat.adresselinje',
            'postal_code': 'coalesce(entry.postboksadresse.poststed.postnummer, entry.vegadresse.poststed.postnummer,'
                ~ ' entry.postadresseIFrittFormat.poststed.postnummer)',
            'postal_place': 'coalesce(entry.postboksadresse.poststed.poststedsnavn,'
                ~ ' entry.vegadresse.poststed.poststedsnavn, entry.postadresseIFrittFormat.poststed.poststedsnavn)',
        }) }}
    from entries
)

select * from final
