{#- Whether two different kommune numbers are of what is one kommune today: numbers of the lists of different years. -#}
{% macro same_kommune(left, right) -%}
    {{ left }} <> {{ right }}
    and {{ kommune_today(left) }} = {{ kommune_today(right) }}
{%- endmacro %}
