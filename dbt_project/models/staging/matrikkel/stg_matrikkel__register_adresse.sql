-- One row per address of the register's own table; its street, plot, kommune and kretser are in tables of their own.
{%- set is_usual = "coalesce(nullif(matrikkel.koordinatsystem, ''), '25833') like '%25833%'" %}
{{ latest_rows(
    'matrikkel_register_adresse', ['adresse_id'],
    ['adressetype', 'adressetilleggsnavn', 'matrikkelenhet_id', 'veg_id', 'nummer', 'bokstav', 'undernummer'],
    built={'oest': utm33('oest', is_usual), 'nord': utm33('nord', is_usual)}
) }}
