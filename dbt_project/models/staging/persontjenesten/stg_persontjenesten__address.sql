-- One row an address entry of the elements that PREG's address comes from; address_type in Freg's words. The first
-- element has every column of an address; of the others, what they lack is NULL.
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
        {{ persontjenesten_address('bostedsadresse', starts_on='entry.moveDate', own={
            'is_unknown_residence': 'entry.unknownResidence is not null'
                ~ ' and entry.streetAddress is null and entry.cadastralAddress is null',
            'st': 'coalesce(entry.streetAddress.municipalityNumber,'
                ~ ' entry.cadastralAddress.cadastralNumber.municipalityNumber,'
                ~ ' entry.unknownResidence.municipalityNumber)',
            'municipality': 'coalesce(entry.streetAddress.municipalityName,'
                ~ ' entry.cadastralAddress.cadastralNumber.municipalityName,'
                ~ ' entry.unknownResidence.municipalityName)',
            'constituency': 'entry.constituency',
            'school_district': 'entry.schoolDistrict',
        }) }}
    from residential

    union all by name

    select
        document_number,
        persontjenesten_id,
        {{ persontjenesten_address('oppholdsadresse', starts_on='entry.presentAddressDate',
            abroad='entry.foreignAddress', own={'stay': 'entry.stayElsewhere'}) }}
    from present

    union all by name

    select
        document_number,
        persontjenesten_id,
        {{ persontjenesten_address('postadresse', starts_on=none, cadastral=false, own={
            'co_address': 'coalesce(entry.streetAddress.coAddressName, entry.postBoxAddress.postBoxOwner)',
            'post_box': 'entry.postBoxAddress.postBoxIdentification',
            'free_lines': 'coalesce(entry.freeFormPostalAddress.addressLine, entry.freeFormPostalAddress.adresselinje)',
            'postal_code': 'coalesce(entry.postBoxAddress.city.postalCode, entry.streetAddress.city.postalCode,'
                ~ ' entry.freeFormPostalAddress.city.postalCode)',
            'postal_place': 'coalesce(entry.postBoxAddress.city.cityName, entry.streetAddress.city.cityName,'
                ~ ' entry.freeFormPostalAddress.city.cityName)',
        }) }}
    from postal

    union all by name

    select
        document_number,
        persontjenesten_id,
        {{ address_members(tidied_texts({
            'address_type': "'postadresseIUtlandet'",
            'is_current': 'build.persontjenesten_holds(entry)',
            'registered_at': 'entry.registeredAt',
            'valid_from': 'build.local_date(entry.validFrom)',
            'valid_to': 'build.local_date(entry.validTo)',
            'starts_on': 'build.local_date(entry.validFrom)',
            'grade': 'build.persontjenesten_address_grade(entry.addressConfidentiality)',
            'is_abroad': 'true',
            'country': 'coalesce(entry.foreignAddress.countryCode, entry.freeFormForeignAddress.countryCode)',
            'street_name': 'entry.foreignAddress.addressName',
            'co_address': 'entry.foreignAddress.coAddressName',
            'building': 'entry.foreignAddress.building',
            'floor_and_unit': "nullif(concat_ws(' ', entry.foreignAddress.floorNumber,"
                ~ " entry.foreignAddress.housingUnit), '')",
            'post_box': 'entry.foreignAddress.postBox',
            'free_lines': 'entry.freeFormForeignAddress.addressLine',
            'postal_code': 'coalesce(entry.foreignAddress.postCode, entry.freeFormForeignAddress.postCode)',
            'postal_place': 'coalesce(entry.foreignAddress.cityOrPlaceName, entry.freeFormForeignAddress.cityOrPlaceName)',
        })) }}
    from abroad
)

select * from final
