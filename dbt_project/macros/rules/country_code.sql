{#- The SSB code of a country: the column `ssb_landkode` of `landkode`, joined as `alias`. -#}
{% macro country_code(alias, type='varchar') -%}
    cast({{ alias }}.ssb_landkode as {{ type }})
{%- endmacro %}
