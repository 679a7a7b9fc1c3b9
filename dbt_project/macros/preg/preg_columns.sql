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
