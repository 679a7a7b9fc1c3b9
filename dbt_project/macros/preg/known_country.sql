{#- A country code of the running PREG where SSB's list has it (`code` as three digits); an unknown one is no code. -#}
{% macro known_country(code, column) -%}
    case when {{ code }} in (select ssb_landkode from {{ ref('landkode') }}) then {{ column }} end
{%- endmacro %}
