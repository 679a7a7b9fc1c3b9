-- One row per address entry of the elements that PREG's address comes from; address_type in Freg's words. What an
-- element lacks is NULL.
with residential as (
    select
        document_number,
        id as persontjenesten_id,
        unnest(residentialAddress) as entry
    from {{ ref('stg_persontjenesten__dokument') }}
),

present as (
    select
        document_number,
        id as persontjenesten_id,
        unnest(presentAddress) as entry
    from {{ ref('stg_persontjenesten__dokument') }}
),

postal as (
    select
        document_number,
        id as persontjenesten_id,
        unnest(postalAddress) as entry
    from {{ ref('stg_persontjenesten__dokument') }}
),

abroad as (
    select
        document_number,
        id as persontjenesten_id,
        unnest(foreignPostalAddress) as entry
    from {{ ref('stg_persontjenesten__dokument') }}
),

final as (
    select
        document_number,
        persontjenesten_id,
        'bostedsadresse' as address_type,
        persontjenesten.is_current(entry) as is_current,
        entry.registeredAt as registered_at,
        record.local_date(entry.validFrom) as valid_from,
        record.local_date(entry.validTo) as valid_to,
        coalesce(record.local_date(entry.moveDate), record.local_date(entry.validFrom)) as starts_on,
        persontjenesten.address_grade(entry.addressConfidentiality) as grade,
        entry.unknownResidence is not null and entry.streetAddress is null and entry.cadastralAddress is null
            as is_unknown_residence,
        coalesce(
            entry.streetAddress.municipalityNumber,
            entry.cadastralAddress.cadastralNumber.municipalityNumber,
            entry.unknownResidence.municipalityNumber
        ) as st,
        text.normalized(
            coalesce(
                entry.streetAddress.municipalityName,
                entry.cadastralAddress.cadastralNumber.municipalityName,
                entry.unknownResidence.municipalityName
            )
        ) as municipality,
        text.normalized(entry.streetAddress.addressName) as street_name,
        {{ persontjenesten_street_or_plot() }},
        text.normalized(coalesce(entry.streetAddress.coAddressName, entry.cadastralAddress.coAddressName))
            as co_address,
        text.normalized(coalesce(entry.streetAddress.city.postalCode, entry.cadastralAddress.city.postalCode))
            as postal_code,
        text.normalized(coalesce(entry.streetAddress.city.cityName, entry.cadastralAddress.city.cityName))
            as postal_place,
        -- One of `place_members`; Persontjenesten's closeCadastralIdentifier is not read.
        cast(null as varchar) as near_matrikkel_address_id,
        entry.constituency,
        entry.schoolDistrict as school_district
    from residential

    union all by name

    select
        document_number,
        persontjenesten_id,
        'oppholdsadresse' as address_type,
        persontjenesten.is_current(entry) as is_current,
        entry.registeredAt as registered_at,
        record.local_date(entry.validFrom) as valid_from,
        record.local_date(entry.validTo) as valid_to,
        coalesce(record.local_date(entry.presentAddressDate), record.local_date(entry.validFrom)) as starts_on,
        persontjenesten.address_grade(entry.addressConfidentiality) as grade,
        entry.stayElsewhere as stay,
        entry.foreignAddress.countryCode is not null as is_abroad,
        coalesce(
            entry.streetAddress.municipalityNumber,
            entry.cadastralAddress.cadastralNumber.municipalityNumber
        ) as st,
        text.normalized(
            coalesce(entry.streetAddress.municipalityName, entry.cadastralAddress.cadastralNumber.municipalityName)
        ) as municipality,
        text.normalized(coalesce(entry.streetAddress.addressName, entry.foreignAddress.addressName)) as street_name,
        {{ persontjenesten_street_or_plot() }},
        text.normalized(
            coalesce(
                entry.streetAddress.coAddressName,
                entry.cadastralAddress.coAddressName,
                entry.foreignAddress.coAddressName
            )
        ) as co_address,
        text.normalized(
            coalesce(
                entry.streetAddress.city.postalCode,
                entry.cadastralAddress.city.postalCode,
                entry.foreignAddress.postCode
            )
        ) as postal_code,
        text.normalized(
            coalesce(
                entry.streetAddress.city.cityName,
                entry.cadastralAddress.city.cityName,
                entry.foreignAddress.cityOrPlaceName
            )
        ) as postal_place,
        entry.foreignAddress.countryCode as country,
        text.normalized(entry.foreignAddress.building) as building,
        text.normalized(concat_ws(' ', entry.foreignAddress.floorNumber, entry.foreignAddress.housingUnit))
            as floor_and_unit,
        text.normalized(entry.foreignAddress.postBox) as post_box
    from present

    union all by name

    select
        document_number,
        persontjenesten_id,
        'postadresse' as address_type,
        persontjenesten.is_current(entry) as is_current,
        entry.registeredAt as registered_at,
        record.local_date(entry.validFrom) as valid_from,
        record.local_date(entry.validTo) as valid_to,
        record.local_date(entry.validFrom) as starts_on,
        persontjenesten.address_grade(entry.addressConfidentiality) as grade,
        text.normalized(entry.streetAddress.addressName) as street_name,
        text.normalized(entry.streetAddress.addressCode) as street_number,
        text.normalized(entry.streetAddress.streetAddressNumber.houseNumber) as house_number,
        text.normalized(entry.streetAddress.streetAddressNumber.houseLetter) as house_letter,
        text.normalized(entry.streetAddress.separatelyOccupiedUnitNumber) as apartment_number,
        text.normalized(entry.streetAddress.addressAdditionalName) as additional_name,
        text.normalized(coalesce(entry.streetAddress.coAddressName, entry.postBoxAddress.postBoxOwner)) as co_address,
        text.normalized(entry.postBoxAddress.postBoxIdentification) as post_box,
        coalesce(entry.freeFormPostalAddress.addressLine, entry.freeFormPostalAddress.adresselinje) as free_lines,
        text.normalized(
            coalesce(
                entry.postBoxAddress.city.postalCode,
                entry.streetAddress.city.postalCode,
                entry.freeFormPostalAddress.city.postalCode
            )
        ) as postal_code,
        text.normalized(
            coalesce(
                entry.postBoxAddress.city.cityName,
                entry.streetAddress.city.cityName,
                entry.freeFormPostalAddress.city.cityName
            )
        ) as postal_place
    from postal

    union all by name

    select
        document_number,
        persontjenesten_id,
        'postadresseIUtlandet' as address_type,
        persontjenesten.is_current(entry) as is_current,
        entry.registeredAt as registered_at,
        record.local_date(entry.validFrom) as valid_from,
        record.local_date(entry.validTo) as valid_to,
        record.local_date(entry.validFrom) as starts_on,
        persontjenesten.address_grade(entry.addressConfidentiality) as grade,
        true as is_abroad,
        coalesce(entry.foreignAddress.countryCode, entry.freeFormForeignAddress.countryCode) as country,
        text.normalized(entry.foreignAddress.addressName) as street_name,
        text.normalized(entry.foreignAddress.coAddressName) as co_address,
        text.normalized(entry.foreignAddress.building) as building,
        text.normalized(concat_ws(' ', entry.foreignAddress.floorNumber, entry.foreignAddress.housingUnit))
            as floor_and_unit,
        text.normalized(entry.foreignAddress.postBox) as post_box,
        entry.freeFormForeignAddress.addressLine as free_lines,
        text.normalized(coalesce(entry.foreignAddress.postCode, entry.freeFormForeignAddress.postCode)) as postal_code,
        text.normalized(coalesce(entry.foreignAddress.cityOrPlaceName, entry.freeFormForeignAddress.cityOrPlaceName))
            as postal_place
    from abroad
)

select * from final
