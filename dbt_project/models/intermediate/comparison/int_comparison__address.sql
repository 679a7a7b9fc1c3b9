-- The present addresses of each side of the comparison, as int_comparison__person has its persons; `is_hidden` says
-- whether the side hides the address. The running PREG's store has six decimals of a coordinate, PREG two; both
-- may have twelve digits before them.
{{ config(materialized='view') }}
select
    'preg' as side,
    nin as side_key,
    coalesce(enrichment_method = 'hidden', false) as is_hidden,
    *
from {{ ref('preg_address') }}
where current_address
union all by name
select
    'legacy' as side,
    cast(document_number as varchar) as side_key,
    coalesce(postal_type in (4, 6, 7), false) as is_hidden,
    * replace (cast(x_coord as decimal(14, 2)) as x_coord, cast(y_coord as decimal(14, 2)) as y_coord)
from {{ ref('int_legacy__address') }}
union all by name
select
    'persontjenesten' as side,
    cast(document_number as varchar) as side_key,
    coalesce(postal_type in (4, 6, 7), false) as is_hidden,
    *
from {{ ref('int_persontjenesten__address') }}
