{#- Whether a kind of address (PostalType) tells at most that the address is protected: nothing, ordinary, 4, 6 or 7. -#}
{% macro tells_only_protection(postal_type) -%}
    coalesce(cast({{ postal_type }} as varchar), '0') in ('0', '4', '6', '7')
{%- endmacro %}
