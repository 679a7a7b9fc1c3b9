{#- Pre-hook of a model that holds each document once: whatever an unfinished build left of the new ones goes. -#}
{% macro forget_new_documents() -%}
    {%- if is_partial_build() -%}
        delete from {{ this }} where document_number > {{ last_built_document() }}
    {%- endif -%}
{%- endmacro %}
