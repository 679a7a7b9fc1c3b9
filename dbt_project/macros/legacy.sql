{#-
    The fields of PREG's record as field_mapping has them, for the entities given: rows of preg_field, column_name and type.
    Empty while the project is only being read.
-#}
{% macro preg_columns(entities) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select mapping.preg_field, mapping.column_name, fields.type
        from {{ ref('field_mapping') }} as mapping
        inner join {{ ref('preg_fields') }} as fields
            on mapping.preg_entity = fields.entity and mapping.preg_field = fields.field
        where mapping.preg_entity in ('{{ entities | join("', '") }}')
        order by mapping.preg_entity, mapping.column_name
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{%- endmacro %}

{#-
    A field of the running PREG as it was exported (`owner`: what it is a member of): an empty text is no value, and a point
    in time is its day in Norway.
-#}
{% macro legacy_value(column, owner='') -%}
    {%- if column.type in ('string', 'char') -%}
        nullif(trim({{ owner }}{{ column.preg_field }}), '')
    {%- elif column.type == 'date' -%}
        record.local_date({{ owner }}{{ column.preg_field }})
    {%- else -%}
        {{ owner }}{{ column.preg_field }}
    {%- endif -%}
{%- endmacro %}

{#-
    A code of the running PREG where a code list has it: PREG's own (`preg_codes`), or ours where no PREG list is known. A
    value that neither knows is no code.
-#}
{% macro known_code(name, column) -%}
    case
        when
            cast({{ column }} as varchar) in (
                select code from {{ ref('preg_codes') }} where code_list = '{{ name }}'
                union all
                select code from {{ ref('code_list') }} where code_list = '{{ name }}'
            )
            then {{ column }}
    end
{%- endmacro %}

{#- A country code of the running PREG where SSB's list has it (`code` as three digits); an unknown one is no code. -#}
{% macro known_country(code, column) -%}
    case when {{ code }} in (select ssb_landkode from {{ ref('landkode') }}) then {{ column }} end
{%- endmacro %}

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

{#-
    A country as the running PREG may give it, as `countries_by_key` knows it: SSB's code with its zeros, a code of two or
    three letters or a name in capitals.
-#}
{% macro country_key(country) -%}
    coalesce(text.left_padded(cast(try_cast({{ country }} as integer) as varchar), 3), upper({{ country }}))
{%- endmacro %}
