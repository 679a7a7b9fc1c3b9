{#-
    What a client that reads a field of PREG must do to read it from Persontjenesten:

    nothing        it has the same name and the same values
    rename         it has another name or another place; the values are the same
    recode         the values are of another code list
    derive         it must be worked out from one or more fields
    ask for access Persontjenesten gives it only with a legal basis (and then, see `client_steps`)
    lost           Persontjenesten does not have it
-#}
{% macro client_action(mapping) -%}
    case
        when {{ client_transformation(mapping) }} = 'lost' then 'lost'
        when {{ mapping }}.access = 'legal basis' then 'ask for access'
        else {{ client_transformation(mapping) }}
    end
{%- endmacro %}

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
