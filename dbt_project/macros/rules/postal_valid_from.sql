{#- Since when AddressLine1-3 hold: since the separate postal address does; blank where it has no line. -#}
{% macro postal_valid_from(starts_on, lines, postal_code, postal_place) -%}
    case
        when {{ list_size(lines) }} > 0 or {{ postal_code }} is not null or {{ postal_place }} is not null then {{ starts_on }}
    end
{%- endmacro %}
