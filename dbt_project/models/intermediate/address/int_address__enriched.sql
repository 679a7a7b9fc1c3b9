-- The addresses that PREG shows with what Matrikkelen knows of them. `enrichment_method` says how the grunnkrets was
-- found, the surest way first: by the address's own identifier, by that of an address close by, by kommune,
-- adressekode and number, by the plot, by the street's name and postal code, by Freg's own grunnkrets; `none` where
-- it was not, and then `enrichment_reason` says why; `hidden` where it must not be. What fits addresses in several
-- grunnkretser finds none of them. Nobody lives at a postal address: it is looked for by no key. A kommunenummer of
-- before is sought by the one that has taken its place, where nothing but the number has changed.
{#- method: the key that finds the address, of those without an identifier that Matrikkelen knows -#}
{%- set keys = {
    'adressekode': street_key('chosen.st_sought', 'chosen.street_number', 'chosen.house_number', 'chosen.house_letter'),
    'matrikkelnummer': plot_key('chosen.st_sought', 'chosen.cadastral_number', 'chosen.property_number',
        'chosen.leasehold_number', 'chosen.sub_number'),
    'adressenavn': street_name_key('chosen.street_name', 'chosen.house_number', 'chosen.house_letter',
        'chosen.postal_code'),
} -%}
{%- set column_of = {
    'adressekode': 'street_key', 'matrikkelnummer': 'plot_key', 'adressenavn': 'street_name_key'
} -%}
{{ rebuilt_for_affected('person_nin', 'int_affected__person') }}
with chosen as (
    select
        chosen.*,
        present.kommunenummer is not null as is_former_kommune,
        present.present_kommunenummer,
        case when present.is_renumbered then present.present_kommunenummer else chosen.st end as st_sought,
        -- The keys of the joins; a condition on this side of a left join would make it compare every pair.
        case
            -- Nobody lives where the post goes.
            when not chosen.is_hidden and chosen.address_type in ('bostedsadresse', 'oppholdsadresse', 'deltBosted')
                then chosen.matrikkel_address_id
        end as own_key,
        case when not chosen.is_hidden then chosen.near_matrikkel_address_id end as near_key
    from {{ ref('int_address__chosen') }} as chosen
    left join {{ ref('int_kommune__present') }} as present on chosen.st = present.kommunenummer
    where {{ only_just_built('chosen') }}
),

known as (
    select * from {{ ref('int_matrikkel__adresse') }}
    where grunnkretsnummer is not null
),

-- Addresses that lie in no grunnkrets as Matrikkelen has them: their point and kommune count all the same.
without_grunnkrets as (
    select
        adresse_id,
        grunnkretsnummer,
        valgkretsnummer,
        skolekretsnummer,
        kommunenummer,
        kommunenavn,
        oest,
        nord
    from {{ ref('int_matrikkel__adresse') }}
    where grunnkretsnummer is null
),

sought as (
    select
        {%- for method in keys %}
        {{ keys[method] }} as {{ column_of[method] }}{{ ',' if not loop.last }}
        {%- endfor %}
    from chosen
    where
        not chosen.is_hidden
        and chosen.address_type in ('bostedsadresse', 'oppholdsadresse', 'deltBosted')
        and not exists (
            select 1 from known
            where known.adresse_id = chosen.own_key
        )
        and not exists (
            select 1 from known
            where known.adresse_id = chosen.near_key
        )
),
{% for method in keys %}
by_{{ method }} as (
    select
        {{ column_of[method] }},
        case when min(grunnkretsnummer) = max(grunnkretsnummer) then min(grunnkretsnummer) end as grunnkretsnummer,
        case when min(valgkretsnummer) = max(valgkretsnummer) then min(valgkretsnummer) end as valgkretsnummer,
        case when min(skolekretsnummer) = max(skolekretsnummer) then min(skolekretsnummer) end as skolekretsnummer,
        case when min(kommunenummer) = max(kommunenummer) then min(kommunenummer) end as kommunenummer,
        case when min(kommunenavn) = max(kommunenavn) then min(kommunenavn) end as kommunenavn,
        case when count(*) = 1 then min(oest) end as oest,
        case when count(*) = 1 then min(nord) end as nord,
        coalesce(min(grunnkretsnummer) <> max(grunnkretsnummer), false) as is_ambiguous
    from {{ ref('int_matrikkel__adresse') }}
    where
        {{ column_of[method] }} in (
            select {{ column_of[method] }} from sought
            where {{ column_of[method] }} is not null
        )
    group by {{ column_of[method] }}
),
{% endfor %}
identified as (
    select
        chosen.*,
        case
            when own.adresse_id is not null then 'adresse_id'
            when near.adresse_id is not null then 'naer_adresse_id'
        end as identified_by,
        coalesce(own.grunnkretsnummer, near.grunnkretsnummer) as identified_grunnkrets,
        coalesce(own.valgkretsnummer, near.valgkretsnummer) as identified_constituency,
        coalesce(own.skolekretsnummer, near.skolekretsnummer) as identified_school_district,
        coalesce(own.kommunenummer, near.kommunenummer) as identified_st,
        coalesce(own.kommunenavn, near.kommunenavn) as identified_municipality,
        coalesce(own.oest, near.oest) as identified_x,
        coalesce(own.nord, near.nord) as identified_y,
        pointed.adresse_id is not null as is_without_grunnkrets,
        pointed.valgkretsnummer as pointed_constituency,
        pointed.skolekretsnummer as pointed_school_district,
        pointed.kommunenummer as pointed_st,
        pointed.kommunenavn as pointed_municipality,
        pointed.oest as pointed_x,
        pointed.nord as pointed_y
    from chosen
    left join known as own on chosen.own_key = own.adresse_id
    left join known as near on chosen.near_key = near.adresse_id
    left join without_grunnkrets as pointed on chosen.own_key = pointed.adresse_id
),

keyed as (
    select
        *,
        {%- for method in keys %}
        case
            when
                not chosen.is_hidden
                and chosen.identified_by is null
                and chosen.address_type in ('bostedsadresse', 'oppholdsadresse', 'deltBosted')
                then {{ keys[method] }}
        end as {{ column_of[method] }}{{ ',' if not loop.last }}
        {%- endfor %}
    from identified as chosen
),

matched as (
    select
        keyed.* exclude (
            own_key, near_key, street_key, plot_key, street_name_key, identified_by, identified_grunnkrets,
            identified_constituency, identified_school_district, identified_st, identified_municipality,
            identified_x, identified_y, pointed_constituency, pointed_school_district, pointed_st,
            pointed_municipality, pointed_x, pointed_y, is_without_grunnkrets
        ),
        case
            when keyed.identified_by is not null then keyed.identified_grunnkrets
            {%- for method in keys %}
            when by_{{ method }}.grunnkretsnummer is not null then by_{{ method }}.grunnkretsnummer
            {%- endfor %}
        end as matrikkel_grunnkrets_number,
        {%- for column, known, found in [
            ('matrikkel_constituency', 'constituency', 'valgkretsnummer'),
            ('matrikkel_school_district', 'school_district', 'skolekretsnummer'),
            ('matrikkel_st', 'st', 'kommunenummer'),
            ('matrikkel_municipality', 'municipality', 'kommunenavn'),
            ('x_coord', 'x', 'oest'),
            ('y_coord', 'y', 'nord'),
        ] %}
        case
            when keyed.identified_by is not null then keyed.identified_{{ known }}
            {%- for method in keys %}
            when by_{{ method }}.grunnkretsnummer is not null then by_{{ method }}.{{ found }}
            {%- endfor %}
            when keyed.is_without_grunnkrets then keyed.pointed_{{ known }}
            {%- for method in keys %}
            when not by_{{ method }}.is_ambiguous then by_{{ method }}.{{ found }}
            {%- endfor %}
        end as {{ column }},
        {%- endfor %}
        case
            when keyed.basic_statistical_unit is not null and keyed.st is not null
                then keyed.st_sought || build.left_padded(keyed.basic_statistical_unit, 4)
        end as freg_grunnkrets_number,
        case
            when keyed.is_hidden then 'hidden'
            when keyed.identified_by is not null then keyed.identified_by
            {%- for method in keys %}
            when by_{{ method }}.grunnkretsnummer is not null then '{{ method }}'
            {%- endfor %}
            when keyed.basic_statistical_unit is not null and keyed.st is not null then 'freg_grunnkrets'
            else 'none'
        end as enrichment_method,
        {% for method in keys -%}
        coalesce(by_{{ method }}.is_ambiguous, false) {{ 'or ' if not loop.last }}
        {%- endfor %} as is_ambiguous,
        keyed.is_without_grunnkrets
        {%- for method in keys %}
        or by_{{ method }}.{{ column_of[method] }} is not null
        {%- endfor %} as is_in_matrikkelen
    from keyed
    {%- for method in keys %}
    left join by_{{ method }} on keyed.{{ column_of[method] }} = by_{{ method }}.{{ column_of[method] }}
    {%- endfor %}
),

numbered as (
    select
        matched.* exclude (
            grunnkrets_number, is_ambiguous, is_in_matrikkelen, st_sought, is_former_kommune, present_kommunenummer
        ),
        -- The kommune of today: Matrikkelen's, else by the list of changes; blank where the kommune was divided.
        case
            when is_hidden then null
            when matrikkel_st is not null then matrikkel_st
            when is_former_kommune then present_kommunenummer
            else st
        end as present_st,
        case
            when not is_hidden then coalesce(matrikkel_grunnkrets_number, freg_grunnkrets_number)
        end as grunnkrets_number,
        case
            when enrichment_method <> 'none' then null
            when is_abroad then 'abroad'
            when address_type not in ('bostedsadresse', 'oppholdsadresse', 'deltBosted') then 'postal_address'
            when is_ambiguous then 'ambiguous'
            when is_in_matrikkelen then 'no_grunnkrets'
            when is_unknown_residence then 'unknown_residence'
            when street_name is null and cadastral_number is null and matrikkel_address_id is null then 'no_place'
            else 'not_in_matrikkelen'
        end as enrichment_reason
    from matched
),

final as (
    select
        numbered.* exclude (
            grunnkrets_name, district_code, district_name, service_district_code, service_district_name
        ),
        grunnkrets.grunnkretsnavn as grunnkrets_name,
        grunnkrets.bydelsnummer as district_code,
        grunnkrets.bydelsnavn as district_name,
        grunnkrets.tjenesteytende_bydelsnummer as service_district_code,
        grunnkrets.tjenesteytende_bydelsnavn as service_district_name
    from numbered
    left join {{ ref('int_matrikkel__grunnkrets') }} as grunnkrets
        on numbered.grunnkrets_number = grunnkrets.grunnkretsnummer
)

select * from final
