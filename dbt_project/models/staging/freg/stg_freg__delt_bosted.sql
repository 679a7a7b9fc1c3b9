-- One row per entry of deltBosted in a document, as address_shape has it: the second home of a child with two.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.deltBosted) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        {{ freg_address('deltBosted', starts_on='entry.startdatoForKontrakt', own={
            'is_unknown_residence': 'entry.ukjentBosted is not null'
                ~ ' and entry.vegadresse is null and entry.matrikkeladresse is null',
            'near_matrikkel_address_id': 'entry.naerAdresseIdentifikatorFraMatrikkelen',
        }) }}
    from entries
)

select * from final
