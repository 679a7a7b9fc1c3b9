{#-
    What identifies a street address in Matrikkelen: kommune, adressekode, number and letter; NULL unless kommune,
    adressekode and number are known.
-#}
{% macro street_key(kommunenummer, adressekode, house_number, house_letter) -%}
    {{ kommunenummer }} || '|' || {{ without_leading_zeros('cast(' ~ adressekode ~ ' as varchar)') }} || '|'
    || {{ without_leading_zeros('cast(' ~ house_number ~ ' as varchar)') }} || '|' || lower(coalesce({{ house_letter }}, ''))
{%- endmacro %}
