{#- A model's schema is the one its folder names (staging, intermediate, marts), without the target's in front. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
