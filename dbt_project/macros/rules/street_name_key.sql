{#-
    A street address by name: the name however it is spelt (`bare_street`), number and letter within the postal code;
    NULL unless name, number and postal code are known.
-#}
{% macro street_name_key(street_name, house_number, house_letter, postal_code) -%}
    {{ postal_code }} || '|' || {{ bare_street(street_name) }} || '|'
    || {{ without_leading_zeros('cast(' ~ house_number ~ ' as varchar)') }}
    || '|' || lower(coalesce({{ house_letter }}, ''))
{%- endmacro %}
