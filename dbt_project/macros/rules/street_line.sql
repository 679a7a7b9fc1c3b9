{#- Street and number as on an envelope: Storgata 1A; a cadastral address as 12/34. -#}
{% macro street_line(street, house_number, house_letter, cadastral_number, property_number, leasehold_number) -%}
    case
        when {{ street }} is not null
            then {{ street }} || coalesce(' ' || {{ house_number }}, '') || coalesce({{ house_letter }}, '')
        when {{ cadastral_number }} is not null
            then {{ cadastral_number }} || '/' || {{ property_number }} || coalesce('/' || {{ leasehold_number }}, '')
    end
{%- endmacro %}
