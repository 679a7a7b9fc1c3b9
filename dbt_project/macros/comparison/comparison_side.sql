{#-
    Where a side of the comparison has its persons and their present addresses, in PREG's columns: `person` and `address`
    (relations), `key` (the column by which both are found: our number of the person, or the number of the document) and
    `current` (a condition on the addresses).
-#}
{% macro comparison_side(name) -%}
    {{ return({
        'preg': {
            'person': ref('preg_person'), 'address': ref('preg_address'), 'key': 'nin',
            'current': 'current_address'
        },
        'legacy': {
            'person': ref('int_legacy__person'), 'address': ref('int_legacy__address'), 'key': 'document_number',
            'current': 'true'
        },
        'persontjenesten': {
            'person': ref('int_persontjenesten__person'), 'address': ref('int_persontjenesten__address'),
            'key': 'document_number', 'current': 'true'
        },
    }[name]) }}
{%- endmacro %}
