{#- As a condition: the documents that the last build did not have; in a build of everything, all. -#}
{% macro only_new_documents(column='document_number') -%}
    {%- if is_partial_build() -%}
        {{ column }} > {{ last_built_document() }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
