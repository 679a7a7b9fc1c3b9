{#-
    What a Persontjeneste address entry says, for `address_shape`. `street_number` is the member that holds house number
    and letter; `cadastral` and `abroad` say whether the element has such members.
-#}
{% macro persontjenesten_address(type, starts_on, cadastral=true, abroad='', own=none) -%}
    {%- set street = 'entry.streetAddress' -%}
    {%- set place = 'entry.cadastralAddress' -%}
    {%- set house = street ~ ('.addressNumber' if cadastral else '.streetAddressNumber') -%}
    {%- set given = {
        'address_type': "'" ~ type ~ "'",
        'is_current': 'coalesce(entry.isValid, entry.validTo is null)',
        'registered_at': 'entry.registeredAt',
        'valid_from': local_date('entry.validFrom'),
        'valid_to': local_date('entry.validTo'),
        'starts_on': 'coalesce(' ~ (local_date(starts_on) ~ ', ' if starts_on else '') ~ local_date('entry.validFrom') ~ ')',
        'grade': address_grade('entry.addressConfidentiality', persontjenesten_grades()),
        'street_name': street ~ '.addressName',
        'street_number': street ~ '.addressCode',
        'house_number': house ~ '.houseNumber',
        'house_letter': house ~ '.houseLetter',
        'apartment_number': street ~ '.separatelyOccupiedUnitNumber',
        'additional_name': street ~ '.addressAdditionalName',
        'co_address': street ~ '.coAddressName',
        'postal_code': street ~ '.city.postalCode',
        'postal_place': street ~ '.city.cityName',
    } -%}
    {%- if cadastral -%}
    {%- do given.update({
        'st': 'coalesce(' ~ street ~ '.municipalityNumber, ' ~ place ~ '.cadastralNumber.municipalityNumber)',
        'municipality': 'coalesce(' ~ street ~ '.municipalityName, ' ~ place ~ '.cadastralNumber.municipalityName)',
        'cadastral_number': place ~ '.cadastralNumber.municipalityLandNumber',
        'property_number': place ~ '.cadastralNumber.titleNumber',
        'leasehold_number': 'nullif(' ~ place ~ '.cadastralNumber.leaseholdNumber, 0)',
        'sub_number': place ~ '.subNumber',
        'apartment_number': 'coalesce(' ~ street ~ '.separatelyOccupiedUnitNumber, '
            ~ place ~ '.separatelyOccupiedUnitNumber)',
        'additional_name': 'coalesce(' ~ street ~ '.addressAdditionalName, ' ~ place ~ '.addressAdditionalName)',
        'co_address': 'coalesce(' ~ street ~ '.coAddressName, ' ~ place ~ '.coAddressName)',
        'postal_code': 'coalesce(' ~ street ~ '.city.postalCode, ' ~ place ~ '.city.postalCode)',
        'postal_place': 'coalesce(' ~ street ~ '.city.cityName, ' ~ place ~ '.city.cityName)',
        'matrikkel_address_id': 'entry.cadastralIdentifier',
        'basic_statistical_unit': 'entry.basicStatisticalUnit',
        'grunnkrets_number': 'entry.fullBasicStatisticalUnitNumber',
        'grunnkrets_name': 'entry.basicStatisticalUnitName',
        'district_code': 'entry.geographicalUrbanDistrictCode',
        'district_name': 'entry.geographicalUrbanDistrictName',
        'service_district_code': 'entry.urbanDistrictCode',
        'service_district_name': 'entry.urbanDistrictName',
    }) -%}
    {%- endif -%}
    {%- if abroad -%}
    {%- do given.update({
        'is_abroad': abroad ~ '.countryCode is not null',
        'country': abroad ~ '.countryCode',
        'building': abroad ~ '.building',
        'floor_and_unit': "nullif(concat_ws(' ', " ~ abroad ~ '.floorNumber, ' ~ abroad ~ ".housingUnit), '')",
        'post_box': abroad ~ '.postBox',
    }) -%}
    {%- for name, member in [
        ('street_name', 'addressName'), ('co_address', 'coAddressName'), ('postal_code', 'postCode'),
        ('postal_place', 'cityOrPlaceName')
    ] -%}
    {%- do given.update({name: 'coalesce(' ~ given[name] ~ ', ' ~ abroad ~ '.' ~ member ~ ')'}) -%}
    {%- endfor -%}
    {%- endif -%}
    {%- do given.update(own or {}) -%}
    {{ address_shape(tidied_texts(given)) }}
{%- endmacro %}
