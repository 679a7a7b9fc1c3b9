{#-
    Street and number as on an envelope: Storgata 1A; a cadastral address as gardsnummer/bruksnummer/festenummer-undernummer:
    12/34-2. `address` is what `address_shape` makes.
-#}
{% macro street_line(address) -%}
    case
        when {{ address }}.street_name is not null then {{ computed_street_line(address) }}
        when {{ address }}.cadastral_number is not null
            then {{ address }}.cadastral_number || '/' || {{ address }}.property_number
                || coalesce('/' || {{ address }}.leasehold_number, '')
                || coalesce('-' || nullif({{ address }}.sub_number, 0), '')
    end
{%- endmacro %}
