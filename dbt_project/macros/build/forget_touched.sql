{#-
    Pre-hook of a model keyed on the person: the rows of whom this build touches go, in the same transaction in which the
    new ones come. `key` is the model's column; `touched` a model of one column, `number`.
-#}
{% macro forget_touched(key, touched) -%}
    {%- if is_partial_build() -%}
        delete from {{ this }} where {{ key }} in (select number from {{ touched }})
    {%- endif -%}
{%- endmacro %}
