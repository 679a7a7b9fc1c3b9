{#-
    The names of the fields in which both sides of a pair are blank, each with `|` behind it, as one text: most persons
    share theirs with many others, so that they are counted once a text and not once a field.
-#}
{% macro blank_fields(pair, fields, left, right) -%}
    concat(
        ''
        {%- for field in fields if is_compared_in(pair, field) %},
        case
            when {{ left }}.{{ field.column_name }} is null and {{ right }}.{{ field.column_name }} is null
                then '{{ field.column_name }}|'
            else ''
        end
        {%- endfor %}
    )
{%- endmacro %}
