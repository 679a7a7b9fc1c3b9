{#-
    The rows of `field_mapping` that name a compare rule, for the entities given: what a comparison is generated from.
    Empty while the project is only being read.
-#}
{% macro comparable_fields(entities) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select preg_entity, column_name, correspondence, compare_rule
        from {{ ref('field_mapping') }}
        where coalesce(compare_rule, '') <> '' and preg_entity in ('{{ entities | join("', '") }}')
        order by preg_entity, column_name
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{%- endmacro %}
