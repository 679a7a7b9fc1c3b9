{#-
    A dwelling by its address: the house and the dwelling's number; NULL where the address names no place in Norway. Two
    entries with the same key are the same dwelling.
-#}
{% macro dwelling_key(address) -%}
    {{ house_key(address) }} || '|' || {{ folded("coalesce(" ~ address ~ ".apartment_number, '')") }}
{%- endmacro %}
