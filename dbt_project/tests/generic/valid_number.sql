{#-
    Numbers that are not 11 digits of a day that exists (a D-number's has 40 added, a synthetic month 40, 65 or 80) with check
    digits that fit; the k1 sum may leave 0 to 3 (numbers from 2032 on).
-#}
{% test valid_number(model, column_name) %}
{%- set k1 = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1] -%}
{%- set k2 = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1] %}
with numbers as (
    select
        {{ column_name }} as number,
        {% for weight in k1 %}{{ weight }} * try_cast({{ column_name }}[{{ loop.index }}] as integer){{ ' + ' if not loop.last }}{% endfor %}
            as k1_sum,
        {% for weight in k2 %}{{ weight }} * try_cast({{ column_name }}[{{ loop.index }}] as integer){{ ' + ' if not loop.last }}{% endfor %}
            as k2_sum,
        10 * try_cast({{ column_name }}[1] as integer) + try_cast({{ column_name }}[2] as integer) as day_digits,
        10 * try_cast({{ column_name }}[3] as integer) + try_cast({{ column_name }}[4] as integer) as month_digits,
        10 * try_cast({{ column_name }}[5] as integer) + try_cast({{ column_name }}[6] as integer) as year_digits
    from {{ model }}
    where {{ column_name }} is not null
),

days as (
    select
        *,
        case when day_digits > 40 then day_digits - 40 else day_digits end as day_of_month,
        case
            {%- for added in [80, 65, 40, 0] %}
            when month_digits > {{ added }} and month_digits <= {{ added + 12 }} then month_digits - {{ added }}
            {%- endfor %}
        end as month_of_year
    from numbers
)

select number
from days
where
    length(number) <> 11 or k1_sum is null or k2_sum is null or k1_sum % 11 > 3 or k2_sum % 11 <> 0
    or month_of_year is null or day_of_month < 1
    or day_of_month > case
        when month_of_year in (4, 6, 9, 11) then 30
        when month_of_year <> 2 then 31
        when year_digits % 4 = 0 then 29
        else 28
    end
{% endtest %}
