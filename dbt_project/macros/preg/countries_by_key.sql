{#-
    Countries by each of their codes and by name (in capitals): rows of country_key, country_code (SSB's) and landnavn.
    Svalbard's number is Norway's, and so is its name.
-#}
{% macro countries_by_key() -%}
    select
        ssb_landkode as country_key,
        ssb_landkode as country_code,
        landnavn
    from {{ ref('landkode') }}
    union
    select
        iso_alfa3 as country_key,
        ssb_landkode as country_code,
        landnavn
    from {{ ref('landkode') }}
    union
    select
        iso_alfa2 as country_key,
        ssb_landkode as country_code,
        landnavn
    from {{ ref('landkode') }}
    where iso_alfa2 is not null
    union
    select
        upper(landnavn) as country_key,
        ssb_landkode as country_code,
        landnavn
    from {{ ref('landkode') }}
{%- endmacro %}
