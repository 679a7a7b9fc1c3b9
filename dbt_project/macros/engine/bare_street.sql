{#-
    The name of a street without what is spelt in several ways: letter case, marks, spaces and signs, and the ending
    (Storgata, Storgaten and Storgt. are the same; so are Parkveien, Parkvegen and Parkv.).
-#}
{% macro bare_street(street_name) -%}
    {{ return(adapter.dispatch('bare_street', 'preg')(street_name)) }}
{%- endmacro %}

{% macro duckdb__bare_street(street_name) -%}
    regexp_replace(
        regexp_replace({{ bare(street_name) }}, '(gata|gaten|gate|gt)$', 'gate'), '(veien|vegen|vei|veg|vn|v)$', 'veg'
    )
{%- endmacro %}
