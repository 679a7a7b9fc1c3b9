{#-
    A country as the running PREG may give it, as `countries_by_key` knows it: SSB's code with its zeros, a code of two or
    three letters or a name in capitals.
-#}
{% macro country_key(country) -%}
    coalesce({{ left_padded('cast(' ~ whole_number(country) ~ ' as varchar)', 3) }}, upper({{ country }}))
{%- endmacro %}
