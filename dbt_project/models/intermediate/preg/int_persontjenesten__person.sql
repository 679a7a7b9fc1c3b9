-- Persontjenesten's persons in PREG's words: the columns of preg_person by the same rules, plus what the comparison
-- needs to explain a difference: `<column>_value`, the source's own value of a recoded column.
{{ rebuilt_for_affected('persontjenesten_id', 'int_affected__persontjenesten_person') }}
with persons as (
    select
        *,
        number_in_use as number,
        record.former_number(
            list_transform(numbers, lambda entry: {
                'number': entry.identificationNumber,
                'valid_from': entry.validFrom,
                'valid_to': entry.validTo
            }),
            number_in_use
        ) as former_number
    from {{ ref('stg_persontjenesten__person') }}
    where {{ only_affected('persontjenesten_id', ref('int_affected__persontjenesten_person')) }}
),

final as (
    {{ preg_person('persons', 'persontjenesten', with_values=true, extra_columns=[
        'persontjenesten_id', 'document_number', 'registered_at', 'protection_level', 'protection_level_from'
    ]) }}
)

select * from final
