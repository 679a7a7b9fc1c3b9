-- A dwelling as an address element gives it: which kind of address, and its members as JSON text.
create or replace table residence as
select
    dwelling.dwelling_id,
    dwelling.adresse_id,
    adresse.kommunenummer,
    adresse.postnummer,
    adresse.poststed,
    cast(right(adresse.grunnkretsnummer, 4) as integer) as grunnkrets,
    case when is_matrikkeladresse then 'matrikkeladresse' else 'vegadresse' end as kind,
    case
        when is_matrikkeladresse then concat_ws(',',
            text_member('bruksenhetsnummer', bruksenhetsnummer),
            text_member('bruksenhetstype', 'bolig'),
            object_member('matrikkelnummer', concat_ws(',',
                text_member('kommunenummer', kommunenummer),
                plain_member('gaardsnummer', gardsnummer),
                plain_member('bruksnummer', bruksnummer),
                plain_member('festenummer', festenummer))),
            text_member('adressetilleggsnavn', adressetilleggsnavn),
            object_member('poststed', concat_ws(',', text_member('poststedsnavn', poststed),
                text_member('postnummer', postnummer))))
        else concat_ws(',',
            text_member('kommunenummer', kommunenummer),
            text_member('bruksenhetsnummer', bruksenhetsnummer),
            text_member('bruksenhetstype', 'bolig'),
            text_member('adressenavn', adressenavn),
            object_member('adressenummer', concat_ws(',',
                text_member('husnummer', husnummer),
                text_member('husbokstav', husbokstav))),
            text_member('adressekode', adressekode),
            text_member('adressetilleggsnavn', adressetilleggsnavn),
            object_member('poststed', concat_ws(',', text_member('poststedsnavn', poststed),
                text_member('postnummer', postnummer))))
    end as members
from dwelling
inner join adresse using (adresse_id)
order by dwelling_id;

create or replace macro residence_location(kind, members, co) as
    object_member(kind, concat_ws(',', members, text_member('coAdressenavn', co)));

-- Foreign addresses name their country by two letters, everything else in Freg by three.
create or replace macro alfa2(country) as
    map {{'SWE': 'SE', 'POL': 'PL', 'LTU': 'LT', 'DNK': 'DK', 'DEU': 'DE', 'GBR': 'GB', 'UKR': 'UA', 'SYR': 'SY',
        'SOM': 'SO', 'PAK': 'PK', 'ERI': 'ER', 'IRQ': 'IQ', 'PHL': 'PH', 'THA': 'TH', 'IND': 'IN', 'USA': 'US',
        'ROU': 'RO', 'ESP': 'ES', 'NLD': 'NL', 'FIN': 'FI', 'NOR': 'NO'}}[country];

create or replace macro foreign_address(person_id, country) as
    concat_ws(',',
        text_member('adressenavn', (1 + pick(person_id, 'number abroad', 300)) || ' Main Street'),
        text_member('postkode', cast(10000 + pick(person_id, 'code abroad', 80000) as varchar)),
        text_member('byEllerStedsnavn', one_of(['Old Town', 'New Town', 'Riverside', 'Hillside'], person_id, 'city')),
        text_member('landkode', alfa2(country)));
