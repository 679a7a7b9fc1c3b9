{#- Compare rule: lines of an address are equal whatever their letter case, spacing, commas and foreign marks. -#}
{% macro address_line(left, right) -%}
    {{ folded_name("replace(" ~ left ~ ", ',', ' ')") }} = {{ folded_name("replace(" ~ right ~ ", ',', ' ')") }}
{%- endmacro %}
