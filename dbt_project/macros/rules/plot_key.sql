{#-
    What identifies a cadastral address in Matrikkelen: kommune, gaardsnummer, bruksnummer, festenummer and undernummer;
    NULL unless the first three are known. No festenummer or undernummer is the same as 0.
-#}
{% macro plot_key(kommunenummer, cadastral_number, property_number, leasehold_number, sub_number) -%}
    {{ kommunenummer }} || '|' || {{ cadastral_number }} || '|' || {{ property_number }} || '|'
    || coalesce({{ leasehold_number }}, 0) || '|' || coalesce({{ sub_number }}, 0)
{%- endmacro %}
