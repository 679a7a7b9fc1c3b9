{#- The skolekrets of a residence: Freg's, else Matrikkelen's, as text without leading zeros. -#}
{% macro school_district(of_freg, of_matrikkel, address_type) -%}
    case
        when {{ address_type }} = 'bostedsadresse'
            then coalesce(cast({{ of_freg }} as varchar), {{ without_leading_zeros(of_matrikkel) }})
    end
{%- endmacro %}
