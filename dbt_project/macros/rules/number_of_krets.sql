{#-
    The number of the valgkrets or skolekrets of a residence, as four digits with leading zeros: Freg's, else Matrikkelen's.
    Nobody votes or goes to school by where they only stay or get their post.
-#}
{% macro number_of_krets(of_freg, of_matrikkel, address_type) -%}
    case
        when {{ address_type }} = 'bostedsadresse'
            then {{ left_padded(without_leading_zeros('coalesce(cast(' ~ of_freg ~ ' as varchar), ' ~ of_matrikkel ~ ')'), 4) }}
    end
{%- endmacro %}
