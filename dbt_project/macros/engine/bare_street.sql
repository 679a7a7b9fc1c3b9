{#-
    The name of a street without what is spelt in several ways: letter case, marks, spaces and signs, leading zeros, and the
    ending (Storgata, Storgaten and Storgt. are the same; so are Parkveien, Parkvegen and Parkv.). Letters that have no
    spelling without marks, of whatever script, stay.
-#}
{% macro bare_street(street_name) -%}
    {{ return(adapter.dispatch('bare_street', 'preg')(street_name)) }}
{%- endmacro %}

{% macro duckdb__bare_street(street_name) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    replace(replace(strip_accents(lower({{ street_name }})), 'ø', 'o'), 'æ', 'ae'),
                    '\b0+(\d)', '\1', 'g'
                ),
                '[^\p{L}\p{N}]', '', 'g'
            ),
            '(gata|gaten|gate|gt)$', 'gate'
        ),
        '(veien|vegen|vei|veg|vn|v)$', 'veg'
    )
{%- endmacro %}
