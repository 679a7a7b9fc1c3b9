-- Where a person is besides the address that PREG shows: the present stay (oppholdsadresse) of who has a residence, and
-- the shared residence (delt bosted) of a child with two homes; with what Matrikkelen knows of them.
with final as (
    select
        {%- for column in column_names(ref('preg_address')) %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_preg__address') }}
    where is_present and not is_in_preg
)

select * from final
