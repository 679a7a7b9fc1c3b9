{#-
    Columns of an address entry that are read alike wherever somebody lives or stays (bostedsadresse, deltBosted,
    oppholdsadresse): from the street address, else from the cadastral address. What differs is in the staging models.
-#}
{% macro freg_street_or_plot() -%}
        text.normalized(entry.vegadresse.adressekode) as street_number,
        text.normalized(entry.vegadresse.adressenummer.husnummer) as house_number,
        text.normalized(entry.vegadresse.adressenummer.husbokstav) as house_letter,
        text.normalized(coalesce(entry.vegadresse.bruksenhetsnummer, entry.matrikkeladresse.bruksenhetsnummer))
            as apartment_number,
        entry.matrikkeladresse.matrikkelnummer.gaardsnummer as cadastral_number,
        entry.matrikkeladresse.matrikkelnummer.bruksnummer as property_number,
        nullif(entry.matrikkeladresse.matrikkelnummer.festenummer, 0) as leasehold_number,
        entry.matrikkeladresse.undernummer as sub_number,
        text.normalized(coalesce(entry.vegadresse.adressetilleggsnavn, entry.matrikkeladresse.adressetilleggsnavn))
            as additional_name,
        text.normalized(entry.adresseIdentifikatorFraMatrikkelen) as matrikkel_address_id
{%- endmacro %}

{#- The same of Persontjenesten (residentialAddress, presentAddress), with what it adds from Kartverket. -#}
{% macro persontjenesten_street_or_plot() -%}
        text.normalized(entry.streetAddress.addressCode) as street_number,
        text.normalized(entry.streetAddress.addressNumber.houseNumber) as house_number,
        text.normalized(entry.streetAddress.addressNumber.houseLetter) as house_letter,
        text.normalized(
            coalesce(
                entry.streetAddress.separatelyOccupiedUnitNumber,
                entry.cadastralAddress.separatelyOccupiedUnitNumber
            )
        ) as apartment_number,
        entry.cadastralAddress.cadastralNumber.municipalityLandNumber as cadastral_number,
        entry.cadastralAddress.cadastralNumber.titleNumber as property_number,
        nullif(entry.cadastralAddress.cadastralNumber.leaseholdNumber, 0) as leasehold_number,
        entry.cadastralAddress.subNumber as sub_number,
        text.normalized(
            coalesce(entry.streetAddress.addressAdditionalName, entry.cadastralAddress.addressAdditionalName)
        ) as additional_name,
        text.normalized(entry.cadastralIdentifier) as matrikkel_address_id,
        entry.basicStatisticalUnit as grunnkrets,
        entry.fullBasicStatisticalUnitNumber as grunnkrets_number,
        text.normalized(entry.basicStatisticalUnitName) as grunnkrets_name,
        entry.geographicalUrbanDistrictCode as district_code,
        text.normalized(entry.geographicalUrbanDistrictName) as district_name,
        entry.urbanDistrictCode as service_district_code,
        entry.urbanDistrictName as service_district_name
{%- endmacro %}
