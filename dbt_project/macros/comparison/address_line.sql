{#- Compare rule: lines of an address are equal whatever their letter case, spacing and commas. -#}
{% macro address_line(left, right) -%}
    {{ folded("replace(" ~ left ~ ", ',', ' ')") }} = {{ folded("replace(" ~ right ~ ", ',', ' ')") }}
{%- endmacro %}
