-- Kommuner, grunnkretser, streets, addresses and dwellings. Kommuner, postal codes and bydeler are real; streets,
-- grunnkretser and addresses are made up after the register's rules.

create or replace table kommune as
with postal_codes as (
    select kommunenummer, count(*) as weight, list(postnummer order by postnummer) filter (kategori = 'G') as postnumre
    from read_csv('{reference}/postnummer.csv', all_varchar = true)
    group by kommunenummer
),
bydeler as (
    select kommunenummer, list(struct_pack(nummer := bydelsnummer, navn := bydelsnavn) order by bydelsnummer) as bydeler
    from read_csv('{reference}/bydeler.csv', all_varchar = true)
    group by kommunenummer
)
select
    kommune.kommunenummer,
    kommune.kommunenavn,
    postal_codes.postnumre,
    bydeler.bydeler,
    greatest(4, cast(round(14000 * postal_codes.weight / sum(postal_codes.weight) over ()) as integer)) as grunnkretser,
    cast(centre.nord as double) as nord,
    cast(centre.oest as double) as oest,
    -- How far from the centre people live: farther where there are many, six kilometres at the most.
    least(6000, 400 + 250 * sqrt(grunnkretser)) as reach
from read_csv('{reference}/kommuner_2024.csv', all_varchar = true) as kommune
inner join postal_codes using (kommunenummer)
inner join read_csv('{reference}/kommunesentre.csv', all_varchar = true) as centre using (kommunenummer)
left join bydeler using (kommunenummer);

create or replace table poststed as
select postnummer, any_value(poststed) as poststed
from read_csv('{reference}/postnummer.csv', all_varchar = true)
group by postnummer;

create or replace table grunnkrets as
with numbered as (
    select *, unnest(range(grunnkretser)) as i
    from kommune
),
words as (
    select
        ['Bjørke', 'Gran', 'Furu', 'Eike', 'Alme', 'Lønne', 'Hassel', 'Rogne', 'Ospe', 'Selje', 'Berg', 'Dal', 'Haug',
            'Elve', 'Sjø', 'Fjord', 'Nes', 'Vik', 'Strand', 'Holm', 'Kirke', 'Skole', 'Stasjons', 'Mølle', 'Brygge',
            'Torg', 'Park', 'Kvern', 'Sag', 'Smie', 'Låve', 'Myr', 'Mo', 'Lund', 'Sol', 'Vår', 'Høst', 'Sommer',
            'Vinter', 'Ring'] as firsts,
        ['lia', 'åsen', 'haugen', 'dalen', 'moen', 'vika', 'neset', 'stranda', 'marka', 'bakken'] as lasts
)
select
    kommunenummer,
    kommunenummer || lpad(cast(1 + i // 20 as varchar), 2, '0') || lpad(cast(1 + i % 20 as varchar), 2, '0')
        as grunnkretsnummer,
    firsts[1 + i % 40] || lasts[1 + (i // 40) % 10] || case when i >= 400 then ' ' || (1 + i // 400) else '' end
        as grunnkretsnavn,
    bydeler[1 + (i // 20) % len(bydeler)].nummer as bydelsnummer,
    bydeler[1 + (i // 20) % len(bydeler)].navn as bydelsnavn,
    -- Spread evenly over a disc.
    nord + reach * sqrt((i + 0.5) / grunnkretser) * sin(i * 2.399963) as nord,
    oest + reach * sqrt((i + 0.5) / grunnkretser) * cos(i * 2.399963) as oest,
    i
from numbered, words;

create or replace table street as
with numbered as (
    select grunnkrets.*, unnest(range(3)) as j
    from grunnkrets
),
words as (
    select
        ['Bjørke', 'Gran', 'Furu', 'Eike', 'Alme', 'Lønne', 'Hassel', 'Rogne', 'Ospe', 'Selje', 'Berg', 'Dal', 'Haug',
            'Elve', 'Sjø', 'Fjord', 'Nes', 'Vik', 'Strand', 'Holm', 'Kirke', 'Skole', 'Stasjons', 'Mølle', 'Brygge',
            'Torg', 'Park', 'Kvern', 'Sag', 'Smie', 'Låve', 'Myr', 'Mo', 'Lund', 'Sol', 'Vår', 'Høst', 'Sommer',
            'Vinter', 'Ring'] as firsts,
        ['veien', 'gata', 'vegen', 'bakken', 'stien', 'svingen', 'kroken', 'faret', 'alléen', 'løkka'] as lasts,
        ['', 'Nordre ', 'Søndre ', 'Østre ', 'Vestre ', 'Øvre ', 'Nedre ', 'Gamle ', 'Nye ', 'Indre ', 'Ytre ',
            'Store ', 'Lille ', 'Midtre ', 'Første ', 'Andre '] as prefixes
),
named as (
    select numbered.*, i * 3 + j as in_kommune, words.*
    from numbered, words
)
select
    row_number() over (order by kommunenummer, in_kommune) - 1 as street_id,
    named.kommunenummer,
    kommune.kommunenavn,
    cast(10000 + in_kommune as varchar) as adressekode,
    prefixes[1 + in_kommune // 400]
        || case when in_kommune < 400 then firsts[1 + in_kommune % 40] else lower(firsts[1 + in_kommune % 40]) end
        || lasts[1 + (in_kommune // 40) % 10] as adressenavn,
    kommune.postnumre[1 + in_kommune % len(kommune.postnumre)] as postnummer,
    grunnkretsnummer,
    grunnkretsnavn,
    bydelsnummer,
    bydelsnavn,
    named.nord + pick(in_kommune, 'street nord', 400) - 200 as nord,
    named.oest + pick(in_kommune, 'street oest', 400) - 200 as oest,
    kommune.bydeler is null as is_rural
from named
inner join kommune using (kommunenummer);

-- About one address for two and a half persons, as in Norway; some addresses hold several dwellings.
create or replace table adresse as
with numbered as (
    select
        range as i,
        (range * 7919) % (select count(*) from street) as street_id,
        range // (select count(*) from street) as round_number
    from range(greatest(300, cast({persons} * 0.4 as bigint)))
),
described as (
    select
        i,
        cast(200000000 + i * 13 + 5 as varchar) as adresse_id,
        street.*,
        street.is_rural and u(i, 'matrikkeladresse') < 0.06 as is_matrikkeladresse,
        round_number * 2 + 1 + pick(street_id, 'first number', 40) + pick(i, 'side', 2) as husnummer,
        case when u(i, 'letter') < 0.1 then one_of(['A', 'B', 'C'], i, 'which letter') end as husbokstav,
        1 + pick(street_id, 'gard', 300) as gardsnummer,
        1 + round_number * 7 + pick(street_id, 'bruk', 200) as bruksnummer,
        case when u(i, 'feste') < 0.05 then 1 + pick(i, 'festenummer', 30) end as festenummer,
        case when u(i, 'additional name') < 0.03 then grunnkretsnavn || ' gård' end as adressetilleggsnavn,
        case
            when u(i, 'dwellings') < 0.72 then 1
            when u(i, 'dwellings') < 0.93 then 2 + pick(i, 'few', 3)
            else 5 + pick(i, 'many', 12)
        end as dwellings
    from numbered
    inner join street using (street_id)
)
select described.*, poststed.poststed
from described
inner join poststed using (postnummer);

create or replace table dwelling as
with numbered as (
    select i, adresse_id, unnest(range(dwellings)) as n, dwellings
    from adresse
)
select
    row_number() over (order by i, n) - 1 as dwelling_id,
    adresse_id,
    case when dwellings = 1 and u(i, 'unnumbered') < 0.1 then null
        else 'H0' || (1 + n // 4) || '0' || (1 + n % 4) end as bruksenhetsnummer
from numbered;
