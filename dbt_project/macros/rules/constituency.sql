{#- The valgkrets of a residence: Freg's, else Matrikkelen's. Nobody votes by where they only stay or get their post. -#}
{% macro constituency(of_freg, of_matrikkel, address_type) -%}
    case
        when {{ address_type }} = 'bostedsadresse'
            then coalesce(cast({{ of_freg }} as varchar), {{ without_leading_zeros(of_matrikkel) }})
    end
{%- endmacro %}
