{#- The stricter of the person's grade and the address's: strict before confidential before client address. -#}
{% macro strictest_grade(person_grade, address_grade, strict, confidential, client) -%}
    case
        when {{ person_grade }} = '{{ strict }}' or {{ address_grade }} = '{{ strict }}' then '{{ strict }}'
        when {{ person_grade }} = '{{ confidential }}' or {{ address_grade }} = '{{ confidential }}'
            then '{{ confidential }}'
        when {{ address_grade }} = '{{ client }}' then '{{ client }}'
    end
{%- endmacro %}
