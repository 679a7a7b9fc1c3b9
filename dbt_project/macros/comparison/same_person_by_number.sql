{#- Whether two numbers lead to the same person in `person_number`. -#}
{% macro same_person_by_number(left, right) -%}
    exists (
        select 1
        from {{ ref('person_number') }} as of_left
        inner join {{ ref('person_number') }} as of_right on of_left.nin = of_right.nin
        where of_left.number = {{ left }} and of_right.number = {{ right }}
    )
{%- endmacro %}
