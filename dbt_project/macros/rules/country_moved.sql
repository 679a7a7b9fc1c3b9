{#- The country moved to or from: the later of the present immigration and the present emigration. -#}
{% macro country_moved(emigrated_to, emigrated_at, immigrated_from, immigrated_at) -%}
    case
        when {{ immigrated_from }} is null then {{ emigrated_to }}
        when {{ emigrated_to }} is null then {{ immigrated_from }}
        when {{ immigrated_at }} > {{ emigrated_at }} then {{ immigrated_from }}
        else {{ emigrated_to }}
    end
{%- endmacro %}
