{#- Numbers that are not 11 digits with check digits that fit; the k1 sum may leave 0 to 3 (numbers from 2032 on). -#}
{% test valid_number(model, column_name) %}
{%- set k1 = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1] -%}
{%- set k2 = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1] %}
with numbers as (
    select
        {{ column_name }} as number,
        {% for weight in k1 %}{{ weight }} * {{ digit(column_name, loop.index) }}{{ ' + ' if not loop.last }}{% endfor %}
            as k1_sum,
        {% for weight in k2 %}{{ weight }} * {{ digit(column_name, loop.index) }}{{ ' + ' if not loop.last }}{% endfor %}
            as k2_sum
    from {{ model }}
    where {{ column_name }} is not null
)

select number
from numbers
where length(number) <> 11 or k1_sum is null or k2_sum is null or k1_sum % 11 > 3 or k2_sum % 11 <> 0
{% endtest %}
