{#- Which of a person's present addresses is PREG's: the residence, else the stay, the postal address, the one abroad. -#}
{% macro address_type_rank(address_type) -%}
    case {{ address_type }}
        when 'bostedsadresse' then 1
        when 'oppholdsadresse' then 2
        when 'postadresse' then 3
        when 'postadresseIUtlandet' then 4
    end
{%- endmacro %}
