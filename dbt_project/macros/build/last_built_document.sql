{#-
    The number of the last document that the models hold, from `build.progress`: later documents are what a build adds.
    Zero before the first build. A number in the SQL, not a subquery, so that the scan of raw skips what it need not read.
-#}
{% macro last_built_document() -%}
    {%- if not execute or not is_partial_build() -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set found = run_query('select coalesce(max(last_document_number), 0) from build.progress') -%}
    {{ return(found.columns[0].values()[0] | int) }}
{%- endmacro %}
