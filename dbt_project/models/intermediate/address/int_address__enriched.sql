-- The addresses that PREG shows with what Matrikkelen knows of them. `enrichment_method` says how the grunnkrets was
-- found, the surest way first: by the address's own identifier, by that of an address close by, by kommune,
-- adressekode and number, by the plot, by the street's name and postal code, by Freg's own grunnkrets; `none` where
-- it was not, and then `enrichment_reason` says why; `hidden` where it must not be. What fits addresses in several
-- grunnkretser finds none of them. Nobody lives at a postal address: it is looked for by no key. A kommunenummer of
-- before is sought by the one that has taken its place, where nothing but the number has changed.
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

identified as (
    select
        chosen.*,
        own.adresse_id is not null as is_own_known,
        case
            when own.grunnkretsnummer is not null then 'adresse_id'
            when near.grunnkretsnummer is not null then 'naer_adresse_id'
        end as identified_by
    from chosen
    left join {{ ref('int_matrikkel__adresse') }} as own on chosen.own_key = own.adresse_id
    left join {{ ref('int_matrikkel__adresse') }} as near on chosen.near_key = near.adresse_id
),

sought as (
    select
        *,
        not is_hidden
        and identified_by is null
        and address_type in ('bostedsadresse', 'oppholdsadresse', 'deltBosted') as is_sought
    from identified
),

keyed as (
    select
        *,
        case
            when is_sought then matrikkel.street_key(st_sought, street_number, house_number, house_letter)
        end as street_key,
        case
            when is_sought
                then matrikkel.plot_key(st_sought, cadastral_number, property_number, leasehold_number, sub_number)
        end as plot_key,
        case
            when is_sought then matrikkel.street_name_key(street_name, house_number, house_letter, postal_code)
        end as street_name_key
    from sought
),

candidates as (
    select
        'adressekode' as method,
        street_key as key,
        grunnkretsnummer,
        valgkretsnummer,
        skolekretsnummer,
        kommunenummer,
        kommunenavn,
        oest,
        nord
    from {{ ref('int_matrikkel__adresse') }}
    where street_key in (
        select street_key from keyed
        where street_key is not null
    )
    union all
    select
        'matrikkelnummer' as method,
        plot_key as key,
        grunnkretsnummer,
        valgkretsnummer,
        skolekretsnummer,
        kommunenummer,
        kommunenavn,
        oest,
        nord
    from {{ ref('int_matrikkel__adresse') }}
    where plot_key in (
        select plot_key from keyed
        where plot_key is not null
    )
    union all
    select
        'adressenavn' as method,
        street_name_key as key,
        grunnkretsnummer,
        valgkretsnummer,
        skolekretsnummer,
        kommunenummer,
        kommunenavn,
        oest,
        nord
    from {{ ref('int_matrikkel__adresse') }}
    where street_name_key in (
        select street_name_key from keyed
        where street_name_key is not null
    )
),

-- What all addresses with a key have in common.
by_key as (
    select
        method,
        key,
        matrikkel.agreed_value(grunnkretsnummer) as grunnkretsnummer,
        matrikkel.agreed_value(valgkretsnummer) as valgkretsnummer,
        matrikkel.agreed_value(skolekretsnummer) as skolekretsnummer,
        matrikkel.agreed_value(kommunenummer) as kommunenummer,
        matrikkel.agreed_value(kommunenavn) as kommunenavn,
        case when count(*) = 1 then min(oest) end as oest,
        case when count(*) = 1 then min(nord) end as nord,
        coalesce(min(grunnkretsnummer) <> max(grunnkretsnummer), false) as is_ambiguous
    from candidates
    group by method, key
),

-- `matched_by`: the key by which Matrikkelen's address is found: of the keys in order of certainty, the first that
-- gives a grunnkrets, else the first that gives a point and a kommune alone.
found as (
    select
        keyed.*,
        case
            when keyed.identified_by is not null then 'adresse_id'
            when by_adressekode.grunnkretsnummer is not null then 'adressekode'
            when by_matrikkelnummer.grunnkretsnummer is not null then 'matrikkelnummer'
            when by_adressenavn.grunnkretsnummer is not null then 'adressenavn'
            when keyed.is_own_known then 'adresse_id'
            when not by_adressekode.is_ambiguous then 'adressekode'
            when not by_matrikkelnummer.is_ambiguous then 'matrikkelnummer'
            when not by_adressenavn.is_ambiguous then 'adressenavn'
        end as matched_by,
        case
            when keyed.is_hidden then 'hidden'
            when keyed.identified_by is not null then keyed.identified_by
            when by_adressekode.grunnkretsnummer is not null then 'adressekode'
            when by_matrikkelnummer.grunnkretsnummer is not null then 'matrikkelnummer'
            when by_adressenavn.grunnkretsnummer is not null then 'adressenavn'
            when keyed.grunnkrets is not null and keyed.st is not null then 'freg_grunnkrets'
            else 'none'
        end as enrichment_method,
        coalesce(by_adressekode.is_ambiguous, false)
        or coalesce(by_matrikkelnummer.is_ambiguous, false)
        or coalesce(by_adressenavn.is_ambiguous, false) as is_ambiguous,
        keyed.is_own_known
        or by_adressekode.key is not null
        or by_matrikkelnummer.key is not null
        or by_adressenavn.key is not null as is_in_matrikkelen
    from keyed
    left join by_key as by_adressekode
        on by_adressekode.method = 'adressekode' and keyed.street_key = by_adressekode.key
    left join by_key as by_matrikkelnummer
        on by_matrikkelnummer.method = 'matrikkelnummer' and keyed.plot_key = by_matrikkelnummer.key
    left join by_key as by_adressenavn
        on by_adressenavn.method = 'adressenavn' and keyed.street_name_key = by_adressenavn.key
),

matched_keys as (
    select
        *,
        case matched_by
            when 'adresse_id' then case when identified_by = 'naer_adresse_id' then near_key else own_key end
            when 'adressekode' then street_key
            when 'matrikkelnummer' then plot_key
            when 'adressenavn' then street_name_key
        end as matched_key
    from found
),

matrikkel_rows as (
    select
        'adresse_id' as method,
        adresse_id as key,
        grunnkretsnummer,
        valgkretsnummer,
        skolekretsnummer,
        kommunenummer,
        kommunenavn,
        oest,
        nord
    from {{ ref('int_matrikkel__adresse') }}
    union all
    select * exclude (is_ambiguous) from by_key
),

matched as (
    select
        matched_keys.* exclude (
            own_key, near_key, is_own_known, identified_by, is_sought, street_key, plot_key, street_name_key,
            matched_by, matched_key
        ),
        matrikkel_rows.grunnkretsnummer as matrikkel_grunnkrets_number,
        matrikkel_rows.valgkretsnummer as matrikkel_constituency,
        matrikkel_rows.skolekretsnummer as matrikkel_school_district,
        matrikkel_rows.kommunenummer as matrikkel_st,
        matrikkel_rows.kommunenavn as matrikkel_municipality,
        matrikkel_rows.oest as x_coord,
        matrikkel_rows.nord as y_coord,
        case
            when grunnkrets is not null and st is not null
                then st_sought || text.left_padded(grunnkrets, 4)
        end as freg_grunnkrets_number
    from matched_keys
    left join matrikkel_rows
        on matched_keys.matched_by = matrikkel_rows.method and matched_keys.matched_key = matrikkel_rows.key
),

numbered as (
    select
        matched.* exclude (is_ambiguous, is_in_matrikkelen, st_sought, is_former_kommune, present_kommunenummer),
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
        numbered.*,
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
