{#-
    Who has parental responsibility, as one value: shared where one entry says so, or where both parents have an entry of
    their own; else what the latest entry says. `types` is the list of the present entries' values.
-#}
{% macro responsibility(types, latest, joint, mother, father, co_mother) -%}
    case
        when {{ list_contains_value(types, "'" ~ joint ~ "'") }} then '{{ joint }}'
        when
            {{ list_contains_value(types, "'" ~ mother ~ "'") }}
            and (
                {{ list_contains_value(types, "'" ~ father ~ "'") }}
                or {{ list_contains_value(types, "'" ~ co_mother ~ "'") }}
            )
            then '{{ joint }}'
        else {{ latest }}
    end
{%- endmacro %}
