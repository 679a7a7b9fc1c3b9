{#-
    All that a client must do for a field, in words: access first, be it for some of its codes only, then what becomes of the
    value.
-#}
{% macro client_steps(mapping) -%}
    case
        when {{ client_transformation(mapping) }} = 'lost' then 'lost'
        when coalesce({{ mapping }}.access, '') <> '' then 'ask for access, then ' || {{ client_transformation(mapping) }}
        else {{ client_transformation(mapping) }}
    end
{%- endmacro %}
