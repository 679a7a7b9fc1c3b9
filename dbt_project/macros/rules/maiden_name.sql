{#-
    The family name at the first marriage, where it is another than the present one, whatever the letter case. (Freg's
    originaltNavn is the name in its original letters before transliteration: another thing.)
-#}
{% macro maiden_name(present_name, name_at_first_marriage) -%}
    case when lower({{ name_at_first_marriage }}) <> lower({{ present_name }}) then {{ name_at_first_marriage }} end
{%- endmacro %}
