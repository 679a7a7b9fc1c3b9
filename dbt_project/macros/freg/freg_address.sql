{#-
    What a Freg address entry says, for `address_shape`: the members of its street address, cadastral address and foreign
    address, by their names in the entry; `abroad` and `free_abroad` are empty for an element that has none.
-#}
{% macro freg_address(type, starts_on=none, cadastral=true, abroad='', own=none) -%}
    {%- set street = 'entry.vegadresse' -%}
    {%- set place = 'entry.matrikkeladresse' -%}
    {%- set given = {
        'address_type': "'" ~ type ~ "'",
        'is_current': freg_holds(),
        'registered_at': 'entry.ajourholdstidspunkt',
        'valid_from': local_date('entry.gyldighetstidspunkt'),
        'valid_to': local_date('entry.opphoerstidspunkt'),
        'starts_on': 'coalesce(' ~ (starts_on ~ ', ' if starts_on else '') ~ local_date('entry.gyldighetstidspunkt') ~ ')',
        'grade': address_grade('entry.adressegradering', freg_grades()),
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
