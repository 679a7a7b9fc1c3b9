-- One row per entry of oppholdsadresse in a document, as address_shape has it: where a person stays besides the
-- residence.
with entries as (
    select
        document_number,
        delivered_at,
        unnest(folkeregisterperson.oppholdsadresse) as entry
    from {{ ref('stg_freg__dokument') }}
),

final as (
    select
        document_number,
        {{ freg_address('oppholdsadresse', starts_on='entry.oppholdsadressedato', abroad='entry.utenlandskAdresse',
            own={'stay': 'entry.oppholdAnnetSted'}) }}
    from entries
)

select * from final
