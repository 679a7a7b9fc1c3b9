{#- Countries by each of their codes: rows of country_key and landnavn. Svalbard's number is Norway's, and so is its name. -#}
{% macro countries_by_key() -%}
    select
        ssb_landkode as country_key,
        landnavn
    from {{ ref('landkode') }}
    union
    select
        iso_alfa3 as country_key,
        landnavn
    from {{ ref('landkode') }}
    union
    select
        iso_alfa2 as country_key,
        landnavn
    from {{ ref('landkode') }}
    where iso_alfa2 is not null
{%- endmacro %}
