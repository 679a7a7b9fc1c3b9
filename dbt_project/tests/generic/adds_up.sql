{#-
    Fields of the summary in which equal and different are not all that was compared, causes and derived not all that is
    different, or a count is below zero.
-#}
{% test adds_up(model) %}
select *
from {{ model }}
where
    equal + different <> compared
    or causes + derived <> different
    or least(equal, causes, both_blank) < 0
    or equal_after_rule > equal
    or {{ difference_kinds() | join(' + ') }} <> different
{% endtest %}
