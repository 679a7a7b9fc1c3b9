{#-
    PREG's PostalAddress: street, house number and house letter (Storgata 1A), and nothing else: no dwelling, no c/o, no postal
    code and place, which clients append themselves. None where there is no street.
-#}
{% macro computed_street_line(address) -%}
    {{ address }}.street_name || coalesce(' ' || nullif(concat(
        {{ without_leading_zeros(address ~ '.house_number') }}, {{ address }}.house_letter
    ), ''), '')
{%- endmacro %}
