{#- What must be done to Persontjenesten's value, apart from asking for access: see `client_action`. -#}
{% macro client_transformation(mapping) -%}
    case {{ mapping }}.correspondence
        when 'same' then 'nothing'
        when 'renamed' then 'rename'
        when 'recoded' then 'recode'
        when 'derived' then 'derive'
        when 'enriched' then 'rename'
        else 'lost'
    end
{%- endmacro %}
