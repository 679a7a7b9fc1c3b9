{#-
    As a condition on a model that has `built_after`: the rows that this build made; in a build of everything, all. For a model
    that is keyed on the same touched persons as the one it reads; it says the same as `only_touched`, for less reading.
-#}
{% macro only_just_built(relation) -%}
    {%- if is_partial_build() -%}
        {{ relation }}.built_after = {{ last_built_document() }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
