{#-
    The columns of an address whatever its source and element, named as PREG names them where PREG has them. `given`
    maps a column to its expression; what an element does not have is NULL.

    address_type: bostedsadresse | deltBosted | oppholdsadresse | postadresse | postadresseIUtlandet.
    sub_number: Matrikkelen's undernummer.
    starts_on: the day of the move by the element's own date, else valid from.
-#}
{% macro address_shape(given) -%}
    {%- for name, type in address_columns() %}
    cast({{ given.get(name, 'null') }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Of `address_shape` only the columns that are given, for what is united by name with a whole one. -#}
{% macro address_members(given) -%}
    {%- for name, type in address_columns() if name in given %}
    cast({{ given[name] }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- What an address entry says, for `address_shape`, with the texts that people have written tidied (`tidied`). -#}
{% macro tidied_texts(given) -%}
    {%- set tidy = {} -%}
    {%- for name, expression in given.items() -%}
        {%- do tidy.update({name: 'build.tidied(' ~ expression ~ ')' if name in [
            'street_name', 'street_number', 'house_number', 'house_letter', 'apartment_number', 'additional_name',
            'co_address', 'building', 'floor_and_unit', 'post_box', 'postal_code', 'postal_place', 'municipality',
            'matrikkel_address_id', 'near_matrikkel_address_id', 'grunnkrets_name', 'district_name'
        ] else expression}) -%}
    {%- endfor -%}
    {{ return(tidy) }}
{%- endmacro %}

{#-
    What a Freg address entry says, for `address_shape`: the members of its street address, cadastral address and foreign
    address, by their names in the entry; `abroad` and `free_abroad` are empty for an element that has none.
-#}
{% macro freg_address(type, starts_on=none, cadastral=true, abroad='', own=none) -%}
    {%- set street = 'entry.vegadresse' -%}
    {%- set place = 'entry.matrikkeladresse' -%}
    {%- set given = {
        'address_type': "'" ~ type ~ "'",
        'is_current': 'build.freg_holds(entry, delivered_at)',
        'registered_at': 'entry.ajourholdstidspunkt',
        'valid_from': 'build.local_date(entry.gyldighetstidspunkt)',
        'valid_to': 'build.local_date(entry.opphoerstidspunkt)',
        'starts_on': 'coalesce(' ~ (starts_on ~ ', ' if starts_on else '') ~ 'build.local_date(entry.gyldighetstidspunkt))',
        'grade': 'build.freg_address_grade(entry.adressegradering)',
    } -%}
    {%- do given.update({
        'street_name': street ~ '.adressenavn',
        'street_number': street ~ '.adressekode',
        'house_number': street ~ '.adressenummer.husnummer',
        'house_letter': street ~ '.adressenummer.husbokstav',
        'apartment_number': street ~ '.bruksenhetsnummer',
        'additional_name': street ~ '.adressetilleggsnavn',
        'co_address': street ~ '.coAdressenavn',
        'postal_code': street ~ '.poststed.postnummer',
        'postal_place': street ~ '.poststed.poststedsnavn',
    }) -%}
    {%- if cadastral -%}
    {%- do given.update({
        'st': 'coalesce(' ~ street ~ '.kommunenummer, ' ~ place ~ '.matrikkelnummer.kommunenummer)',
        'cadastral_number': place ~ '.matrikkelnummer.gaardsnummer',
        'property_number': place ~ '.matrikkelnummer.bruksnummer',
        'leasehold_number': 'nullif(' ~ place ~ '.matrikkelnummer.festenummer, 0)',
        'apartment_number': 'coalesce(' ~ street ~ '.bruksenhetsnummer, ' ~ place ~ '.bruksenhetsnummer)',
        'sub_number': place ~ '.undernummer',
        'additional_name': 'coalesce(' ~ street ~ '.adressetilleggsnavn, ' ~ place ~ '.adressetilleggsnavn)',
        'co_address': 'coalesce(' ~ street ~ '.coAdressenavn, ' ~ place ~ '.coAdressenavn)',
        'postal_code': 'coalesce(' ~ street ~ '.poststed.postnummer, ' ~ place ~ '.poststed.postnummer)',
        'postal_place': 'coalesce(' ~ street ~ '.poststed.poststedsnavn, ' ~ place ~ '.poststed.poststedsnavn)',
        'matrikkel_address_id': 'entry.adresseIdentifikatorFraMatrikkelen',
    }) -%}
    {%- endif -%}
    {%- if abroad -%}
    {%- do given.update({
        'is_abroad': abroad ~ '.landkode is not null',
        'country': abroad ~ '.landkode',
        'building': abroad ~ '.bygning',
        'floor_and_unit': "nullif(concat_ws(' ', " ~ abroad ~ '.etasjenummer, ' ~ abroad ~ ".boenhet), '')",
        'post_box': abroad ~ '.postboks',
    }) -%}
    {%- for name, member in [
        ('street_name', 'adressenavn'), ('co_address', 'coAdressenavn'), ('postal_code', 'postkode'),
        ('postal_place', 'byEllerStedsnavn')
    ] -%}
    {%- do given.update({name: 'coalesce(' ~ (given[name] ~ ', ' if cadastral else '') ~ abroad ~ '.' ~ member ~ ')'}) -%}
    {%- endfor -%}
    {%- endif -%}
    {%- do given.update(own or {}) -%}
    {{ address_shape(tidied_texts(given)) }}
{%- endmacro %}

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
        'is_current': 'build.persontjenesten_holds(entry)',
        'registered_at': 'entry.registeredAt',
        'valid_from': 'build.local_date(entry.validFrom)',
        'valid_to': 'build.local_date(entry.validTo)',
        'starts_on': 'coalesce(' ~ ('build.local_date(' ~ starts_on ~ '), ' if starts_on else '')
            ~ 'build.local_date(entry.validFrom))',
        'grade': 'build.persontjenesten_address_grade(entry.addressConfidentiality)',
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
    {{ address_shape(tidied_texts(given)) if type == 'bostedsadresse' else address_members(tidied_texts(given)) }}
{%- endmacro %}

{#- The columns of `address_shape`, in their order, with their types. -#}
{% macro address_columns() -%}
    {{ return([
        ('address_type', 'varchar'), ('is_current', 'boolean'), ('registered_at', 'timestamp with time zone'),
        ('valid_from', 'date'), ('valid_to', 'date'), ('starts_on', 'date'), ('grade', 'varchar'), ('stay', 'varchar'),
        ('is_unknown_residence', 'boolean'), ('is_abroad', 'boolean'),
        ('st', 'varchar'), ('municipality', 'varchar'), ('street_name', 'varchar'), ('street_number', 'varchar'),
        ('house_number', 'varchar'), ('house_letter', 'varchar'), ('apartment_number', 'varchar'),
        ('cadastral_number', 'bigint'), ('property_number', 'bigint'), ('leasehold_number', 'bigint'),
        ('sub_number', 'bigint'),
        ('additional_name', 'varchar'), ('co_address', 'varchar'), ('building', 'varchar'),
        ('floor_and_unit', 'varchar'), ('post_box', 'varchar'), ('free_lines', 'varchar[]'),
        ('postal_code', 'varchar'), ('postal_place', 'varchar'), ('country', 'varchar'),
        ('matrikkel_address_id', 'varchar'), ('near_matrikkel_address_id', 'varchar'),
        ('basic_statistical_unit', 'bigint'), ('grunnkrets_number', 'varchar'), ('grunnkrets_name', 'varchar'),
        ('district_code', 'varchar'), ('district_name', 'varchar'),
        ('service_district_code', 'varchar'), ('service_district_name', 'varchar'),
        ('constituency', 'bigint'), ('school_district', 'bigint')
    ]) }}
{%- endmacro %}
