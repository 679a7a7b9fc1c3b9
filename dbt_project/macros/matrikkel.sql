{#-
    The rows in force of a table of Matrikkelen: the latest of each key, in what was delivered since the last full
    delivery of the table. key, columns: names in the raw table; `built` are further columns, as SQL. Of rows of one
    delivery the first by `then_by` counts, or by the columns.
-#}
{% macro latest_rows(raw_table, key, columns, built={}, then_by=none) -%}
with deliveries as (
    select
        delivery_number,
        delivery_rank
    from {{ ref('stg_landing__delivery') }}
    where raw_table = '{{ raw_table }}' and is_in_force
),

ranked as (
    select
        {%- for column in key + columns %}
        matrikkel.{{ column }},
        {%- endfor %}
        {%- for name, expression in built.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        row_number() over (
            partition by matrikkel.{{ key | join(', matrikkel.') }}
            order by deliveries.delivery_rank desc, {{ then_by or 'matrikkel.' ~ columns | join(', matrikkel.') }}
        ) as row_rank
    from {{ source('raw', raw_table) }} as matrikkel
    inner join deliveries on matrikkel.delivery_number = deliveries.delivery_number
),

final as (
    select
        {{ (key + columns + (built.keys() | list)) | join(',\n        ') }}
    from ranked
    where row_rank = 1
)

select * from final
{%- endmacro %}

{#-
    A coordinate in metres of EPSG 25833: the converted one, else the one delivered where that is its system; `oest` or
    `nord` of a raw table of Matrikkelen. What comes without a coordinate system is in the usual one. The point 0;0 stands
    for none.
-#}
{% macro utm33(column, is_usual_system) -%}
    case
        when matrikkel.oest <> 0 or matrikkel.nord <> 0
            then coalesce(
                matrikkel.{{ column }}_utm33,
                case when {{ is_usual_system }} then cast(matrikkel.{{ column }} as decimal(12, 2)) end
            )
    end
{%- endmacro %}

{#-
    How an address of Freg is found in Matrikkelen: the keys by which both are compared. Functions of the schema `matrikkel`
    (`create_functions`, macros/functions.sql).
-#}
{% macro matrikkel_functions() -%}
-- The name of a street without what is spelt in several ways: letter case, marks, spaces and signs, leading zeros, and
-- the ending (Storgata, Storgaten and Storgt. are the same; so are Parkveien, Parkvegen and Parkv.). Letters that
-- have no spelling without marks, of whatever script, stay. For finding a grunnkrets, where a wrong street does harm;
-- `bare_street` is for hiding a place, and takes more for the same.
create or replace macro matrikkel.normalized_street(street_name) as
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    replace(replace(strip_accents(lower(street_name)), 'ø', 'o'), 'æ', 'ae'),
                    '\b0+(\d)', '\1', 'g'
                ),
                '[^\p{L}\p{N}]', '', 'g'
            ),
            '(gata|gaten|gate|gt)$', 'gate'
        ),
        '(veien|vegen|vei|veg|vn|v)$', 'veg'
    );

-- What identifies a street address in Matrikkelen: kommune, adressekode, number and letter; NULL unless kommune,
-- adressekode and number are known.
create or replace macro matrikkel.street_key(kommunenummer, adressekode, house_number, house_letter) as
    kommunenummer || '|' || ltrim(cast(adressekode as varchar), '0') || '|'
    || ltrim(cast(house_number as varchar), '0') || '|' || lower(coalesce(house_letter, ''));

-- What identifies a cadastral address in Matrikkelen: kommune, gaardsnummer, bruksnummer, festenummer and undernummer;
-- NULL unless the first three are known. No festenummer or undernummer is the same as 0.
create or replace macro matrikkel.plot_key(kommunenummer, cadastral_number, property_number, leasehold_number, sub_number) as
    kommunenummer || '|' || cadastral_number || '|' || property_number || '|'
    || coalesce(leasehold_number, 0) || '|' || coalesce(sub_number, 0);

-- A street address by name: the name however it is spelt, number and letter within the postal code; NULL unless name,
-- number and postal code are known.
create or replace macro matrikkel.street_name_key(street_name, house_number, house_letter, postal_code) as
    postal_code || '|' || matrikkel.normalized_street(street_name) || '|'
    || ltrim(cast(house_number as varchar), '0') || '|' || lower(coalesce(house_letter, ''));

-- Of the rows of a group, the value that all who have one have; NULL where they differ.
create or replace macro matrikkel.agreed_value(given) as
    case when min(given) = max(given) then min(given) end;
{%- endmacro %}
