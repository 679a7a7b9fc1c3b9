{#-
    The spouse or partner, kept after divorce and death: the last person whom the history of civil status names, else the
    present family relation of spouse or partner.
-#}
{% macro spouse(last_by_civil_status, by_relation) -%}
    coalesce({{ last_by_civil_status }}, {{ by_relation }})
{%- endmacro %}
