{#-
    Which class of persons somebody belongs to, by a relation's person, reg_status, date_of_birth and is_hidden; the first
    that applies, so that the classes add up:

    protected  the address is hidden: the person's own, or a dwelling shared with somebody protected
    dead       registration status 5
    emigrated  registration status 3
    help_number  known by a common help number (FH), which begins with 8 or 9: Freg has none of them
    d_number   known by a D-number
    child      under 18 on `today`
    resident   registration status 1
    other      everybody else
-#}
{% macro person_class(relation, today) -%}
    case
        when {{ relation }}.is_hidden then 'protected'
        when {{ relation }}.reg_status = 5 then 'dead'
        when {{ relation }}.reg_status = 3 then 'emigrated'
        when {{ digit(relation ~ '.person', 1) }} >= 8 then 'help_number'
        when {{ digit(relation ~ '.person', 1) }} between 4 and 7 then 'd_number'
        when {{ relation }}.date_of_birth > {{ years_before(today, 18) }} then 'child'
        when {{ relation }}.reg_status = 1 then 'resident'
        else 'other'
    end
{%- endmacro %}
