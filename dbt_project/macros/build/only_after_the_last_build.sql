{#-
    As a condition: the documents that the last build did not have, for a model that says whom a build touches; in a build of
    everything, none.
-#}
{% macro only_after_the_last_build() -%}
    {%- if is_whole_build() -%}
        false
    {%- else -%}
        document_number > (select max(last_document_number) from build.progress)
    {%- endif -%}
{%- endmacro %}
