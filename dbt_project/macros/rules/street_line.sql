{#-
    Street and number as on an envelope: Storgata 1A; a cadastral address as gardsnummer/bruksnummer/festenummer-undernummer:
    12/34-2. The dwelling's number behind it, as Storgata 1A H0203, where it tells dwellings apart: every house with one
    dwelling has H0101, and it is written for none. `address` is what `address_shape` makes.
-#}
{% macro street_line(address) -%}
    case
        when {{ address }}.street_name is not null
            then {{ address }}.street_name || coalesce(' ' || {{ address }}.house_number, '')
                || coalesce({{ address }}.house_letter, '')
        when {{ address }}.cadastral_number is not null
            then {{ address }}.cadastral_number || '/' || {{ address }}.property_number
                || coalesce('/' || {{ address }}.leasehold_number, '')
                || coalesce('-' || nullif({{ address }}.sub_number, 0), '')
    end || coalesce(' ' || nullif({{ address }}.apartment_number, 'H0101'), '')
{%- endmacro %}
