{#- Persons with more than one present address. -#}
{% test one_current_address(model) %}
select nin
from {{ model }}
where current_address
group by nin
having count(*) > 1
{% endtest %}
