{#-
    The kind of an address (code list PostalType): protected by the person's or the address's grade (6, 7), a client
    address (4), no known residence (5), staying elsewhere (1, 2, 3, 8); 0 otherwise.
    `grade_code` and `stay_code`: the code list's codes for the grade in force and for the stay.
-#}
{% macro postal_type(grade_code, is_unknown_residence, stay_code) -%}
    cast(case
        when {{ grade_code }} is not null then {{ grade_code }}
        when {{ is_unknown_residence }} then '5'
        when {{ stay_code }} is not null then {{ stay_code }}
        else '0'
    end as integer)
{%- endmacro %}
