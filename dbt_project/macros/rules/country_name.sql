{#- The Norwegian name of a country: the column `landnavn` of `landkode`, joined as `alias`. -#}
{% macro country_name(alias) -%}
    {{ alias }}.landnavn
{%- endmacro %}
