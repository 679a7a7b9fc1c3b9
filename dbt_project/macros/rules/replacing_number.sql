{#-
    The number that replaced the person's number. A person is shown once, by the present number, which nothing has
    replaced; a retired number has a row of its own in `preg_person_retired`, with the number that replaced it.
-#}
{% macro replacing_number() -%}
    cast(null as varchar)
{%- endmacro %}
