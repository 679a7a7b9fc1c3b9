{#-
    A model as the last build left it. Not a reference: what is touched must be known before the model is built anew, and
    it is the old rows that are asked for. Only in a build that is not whole; then the model is there.
-#}
{% macro as_last_built(model) -%}
    {{ api.Relation.create(database=this.database, schema=this.schema, identifier=model) }}
{%- endmacro %}
