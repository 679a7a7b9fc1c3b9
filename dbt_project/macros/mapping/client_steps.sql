{#- All that a client must do for a field, in words: access first, then what becomes of the value. -#}
{% macro client_steps(mapping) -%}
    case
        when {{ mapping }}.access = 'legal basis' then 'ask for access, then ' || {{ client_transformation(mapping) }}
        else {{ client_transformation(mapping) }}
    end
{%- endmacro %}
