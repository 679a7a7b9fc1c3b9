{#- The family name before the first marriage; the original family name where there is no such history. -#}
{% macro maiden_name(present_name, name_before_marriage, original_name) -%}
    case
        when coalesce({{ name_before_marriage }}, {{ original_name }}) <> {{ present_name }}
            then coalesce({{ name_before_marriage }}, {{ original_name }})
    end
{%- endmacro %}
