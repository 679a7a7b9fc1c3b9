-- The persons of each side of the comparison, in PREG's columns: `side` and, by which a side finds its own, `side_key`
-- (preg: our number of the person; the others: the number of the document). A column that a side lacks is NULL there.
{{ config(materialized='view') }}
select
    'preg' as side,
    nin as side_key,
    *
from {{ ref('preg_person') }}
union all by name
select
    'legacy' as side,
    cast(document_number as varchar) as side_key,
    *
from {{ ref('int_legacy__person') }}
union all by name
select
    'persontjenesten' as side,
    cast(document_number as varchar) as side_key,
    *
from {{ ref('int_persontjenesten__person') }}
