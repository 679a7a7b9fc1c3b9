{#-
    The number that replaced the person's number. A person is shown once, by the present number, which nothing has
    replaced; a retired number leads to its person in `person_number`.
-#}
{% macro replacing_number() -%}
    cast(null as varchar)
{%- endmacro %}
