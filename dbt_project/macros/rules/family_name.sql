{#-
    The family name; of a name of which only the shortened form is known (forkortetNavn: family name first, at most 25
    characters), all of it, since it cannot be taken apart.
-#}
{% macro family_name(family_name, given_name, shortened) -%}
    coalesce({{ family_name }}, case when {{ given_name }} is null then {{ shortened }} end)
{%- endmacro %}
