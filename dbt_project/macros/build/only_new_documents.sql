{#- As a condition: the documents that the last build did not have; in a build of everything, all. -#}
{% macro only_new_documents() -%}
    {%- if is_partial_build() -%}
        document_number > {{ last_built_document() }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
