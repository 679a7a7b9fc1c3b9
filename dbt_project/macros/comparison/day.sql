{#-
    Compare rule: days. A source's point in time has become the day in Norway before it comes here (`local_date`), so midnight
    in any notation is no difference; another day is one.
-#}
{% macro day(left, right) -%}
    false
{%- endmacro %}
