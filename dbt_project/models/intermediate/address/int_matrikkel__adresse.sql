-- One row per address of Matrikkelen, with its street, plot, kommune and kretser: as the public address file has it,
-- else as the register's own tables have it; the skolekrets is in these only. Besides its identifier it has the keys
-- by which an address without one is found: `street_key`, `plot_key` and `street_name_key`. Its identifier stays
-- when the kommune or the street gets another number. Coordinates in EPSG 25833.
{{ rebuilt_with_everything() }}
with of_files as (
    select * from {{ ref('stg_matrikkel__adresse') }}
),

kretser as (
    select
        adresse_krets.adresse_id,
        {%- for kind, pattern in [('grunnkrets', 'grunnkrets%'), ('valgkrets', 'valgkrets%'),
            ('skolekrets', 'skolekrets%'), ('postnummeromraade', 'postnummer%')] %}
        max(case when krets.kretstype like '{{ pattern }}' then krets.kretsnummer end) as {{ kind }}nummer,
        max(case when krets.kretstype like '{{ pattern }}' then krets.kretsnavn end) as {{ kind }}navn
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_matrikkel__adresse_krets') }} as adresse_krets
    inner join {{ ref('stg_matrikkel__krets') }} as krets on adresse_krets.krets_id = krets.krets_id
    group by adresse_krets.adresse_id
),

plots as (
    select
        matrikkelenhet.*,
        coalesce(kommune.kommunenummer, text.left_padded(matrikkelenhet.kommune, 4)) as kommunenummer,
        kommune.kommunenavn
    from {{ ref('stg_matrikkel__matrikkelenhet') }} as matrikkelenhet
    left join {{ ref('stg_matrikkel__kommune') }} as kommune on matrikkelenhet.kommune = kommune.kommune_id
),

streets as (
    select
        veg.veg_id,
        veg.adressekode,
        veg.adressenavn,
        kommune.kommunenummer,
        kommune.kommunenavn
    from {{ ref('stg_matrikkel__veg') }} as veg
    left join {{ ref('stg_matrikkel__kommune') }} as kommune on veg.kommune_id = kommune.kommune_id
),

of_register as (
    select
        adresse.adresse_id,
        coalesce(streets.kommunenummer, plots.kommunenummer) as kommunenummer,
        coalesce(streets.kommunenavn, plots.kommunenavn) as kommunenavn,
        adresse.adressetype,
        adresse.adressetilleggsnavn,
        streets.adressekode,
        streets.adressenavn,
        adresse.nummer,
        adresse.bokstav,
        plots.gardsnummer,
        plots.bruksnummer,
        plots.festenummer,
        adresse.undernummer,
        text.left_padded(kretser.postnummeromraadenummer, 4) as postnummer,
        kretser.postnummeromraadenavn as poststed,
        case
            when char_length(kretser.grunnkretsnummer) > 4
                then text.left_padded(kretser.grunnkretsnummer, 8)
            else coalesce(streets.kommunenummer, plots.kommunenummer)
                || text.left_padded(kretser.grunnkretsnummer, 4)
        end as grunnkretsnummer,
        kretser.grunnkretsnavn,
        kretser.valgkretsnummer,
        kretser.skolekretsnummer,
        adresse.oest,
        adresse.nord
    from {{ ref('stg_matrikkel__register_adresse') }} as adresse
    left join streets on adresse.veg_id = streets.veg_id
    left join plots on adresse.matrikkelenhet_id = plots.matrikkelenhet_id
    left join kretser on adresse.adresse_id = kretser.adresse_id
),

addresses as (
    select
        coalesce(of_files.adresse_id, of_register.adresse_id) as adresse_id,
        {%- for column in ['kommunenummer', 'kommunenavn', 'adressetype', 'adressetilleggsnavn', 'adressekode',
            'adressenavn', 'nummer', 'bokstav', 'gardsnummer', 'bruksnummer', 'festenummer', 'undernummer', 'postnummer',
            'poststed', 'grunnkretsnummer', 'grunnkretsnavn', 'valgkretsnummer', 'oest', 'nord'] %}
        coalesce(of_files.{{ column }}, of_register.{{ column }}) as {{ column }},
        {%- endfor %}
        of_register.skolekretsnummer
    from of_files
    full outer join of_register on of_files.adresse_id = of_register.adresse_id
),

final as (
    select
        *,
        matrikkel.street_key(kommunenummer, adressekode, nummer, bokstav) as street_key,
        matrikkel.plot_key(kommunenummer, gardsnummer, bruksnummer, festenummer, undernummer) as plot_key,
        matrikkel.street_name_key(adressenavn, nummer, bokstav, postnummer) as street_name_key
    from addresses
)

select * from final
{{ only_when_whole() }}
