{#-
    The fields that a comparison is generated from, of the entities given: rows of preg_entity, column_name, compare_rule,
    persontjenesten_path, follows_from. Empty while the project is only being read.
-#}
{% macro compared_fields(entities) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select
            preg_entity, column_name, compare_rule,
            coalesce(persontjenesten_path, '') as persontjenesten_path,
            coalesce(follows_from, '') as follows_from
        from {{ ref('field_mapping') }}
        where coalesce(compare_rule, '') <> '' and preg_entity in ('{{ entities | join("', '") }}')
        order by preg_entity, column_name
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{%- endmacro %}
