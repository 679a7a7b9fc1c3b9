{#-
    The columns of an address whatever its source and element, named as PREG names them where PREG has them. `given`
    maps a column to its expression; what an element does not have is NULL.

    address_type: bostedsadresse | deltBosted | oppholdsadresse | postadresse | postadresseIUtlandet.
    sub_number: Matrikkelen's undernummer.
    starts_on: the day of the move by the element's own date, else valid from.
-#}
{% macro address_shape(given) -%}
    {%- set columns = [
        ('address_type', 'varchar'), ('is_current', 'boolean'), ('registered_at', 'timestamp with time zone'),
        ('valid_from', 'date'), ('valid_to', 'date'), ('starts_on', 'date'), ('grade', 'varchar'), ('stay', 'varchar'),
        ('is_unknown_residence', 'boolean'), ('is_abroad', 'boolean'),
        ('st', 'varchar'), ('municipality', 'varchar'), ('street_name', 'varchar'), ('street_number', 'varchar'),
        ('house_number', 'varchar'), ('house_letter', 'varchar'), ('apartment_number', 'varchar'),
        ('cadastral_number', 'bigint'), ('property_number', 'bigint'), ('leasehold_number', 'bigint'),
        ('sub_number', 'bigint'),
        ('additional_name', 'varchar'), ('co_address', 'varchar'), ('building', 'varchar'),
        ('floor_and_unit', 'varchar'), ('post_box', 'varchar'), ('free_lines', list_of('varchar')),
        ('postal_code', 'varchar'), ('postal_place', 'varchar'), ('country', 'varchar'),
        ('matrikkel_address_id', 'varchar'), ('near_matrikkel_address_id', 'varchar'),
        ('basic_statistical_unit', 'bigint'), ('grunnkrets_number', 'varchar'), ('grunnkrets_name', 'varchar'),
        ('district_code', 'varchar'), ('district_name', 'varchar'),
        ('service_district_code', 'varchar'), ('service_district_name', 'varchar'),
        ('constituency', 'bigint'), ('school_district', 'bigint')
    ] -%}
    {%- for name, type in columns %}
    cast({{ given.get(name, 'null') }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
