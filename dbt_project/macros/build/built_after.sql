{#-
    As a column of a model keyed on the person: the last document that was there before the build that made the row. The rows
    of one build are together in the table, and by this number the models after it find them without reading the others
    (`only_just_built`).
-#}
{% macro built_after() -%}
    cast({{ last_built_document() }} as bigint) as built_after
{%- endmacro %}
