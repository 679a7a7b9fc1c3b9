-- One row per dwelling: of the register's own table, and of the address file at apartment level.
with of_register as (
    {{ latest_rows(
        'matrikkel_bruksenhet', ['bruksenhet_id'],
        ['bruksenhetsnummer', 'adresse_id', 'matrikkelenhet_id', 'bruksenhetstype']
    ) | indent(4) }}
),

of_address_file as (
    {{ latest_rows(
        'matrikkel_adresse', ['bruksenhet_id'], ['bruksenhetsnummer', 'lokal_id']
    ) | indent(4) }}
),

final as (
    select
        coalesce(of_register.bruksenhet_id, of_address_file.bruksenhet_id) as bruksenhet_id,
        coalesce(of_register.bruksenhetsnummer, of_address_file.bruksenhetsnummer) as bruksenhetsnummer,
        coalesce(of_register.adresse_id, of_address_file.lokal_id) as adresse_id,
        of_register.matrikkelenhet_id,
        of_register.bruksenhetstype
    from of_register
    full outer join of_address_file on of_register.bruksenhet_id = of_address_file.bruksenhet_id
)

select * from final
where bruksenhet_id is not null
