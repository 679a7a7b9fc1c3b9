{#- What an address entry says, for `address_shape`, with the texts that people have written tidied (`tidied`). -#}
{% macro tidied_texts(given) -%}
    {%- set tidy = {} -%}
    {%- for name, expression in given.items() -%}
        {%- do tidy.update({name: tidied(expression) if name in [
            'street_name', 'street_number', 'house_number', 'house_letter', 'apartment_number', 'additional_name',
            'co_address', 'building', 'floor_and_unit', 'post_box', 'postal_code', 'postal_place', 'municipality',
            'matrikkel_address_id', 'near_matrikkel_address_id', 'grunnkrets_name', 'district_name'
        ] else expression}) -%}
    {%- endfor -%}
    {{ return(tidy) }}
{%- endmacro %}
