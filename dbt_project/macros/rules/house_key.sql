{#-
    A house by its address: kommune, street, number and letter, or cadastral number; NULL where the address names no place
    in Norway.
-#}
{% macro house_key(address) -%}
    case
        when {{ address }}.st is not null
            and ({{ address }}.street_name is not null or {{ address }}.cadastral_number is not null)
            then {{ folded("concat_ws('|', " ~ address ~ ".st, coalesce(" ~ address ~ ".street_name, ''), coalesce("
                ~ address ~ ".house_number, ''), coalesce(" ~ address ~ ".house_letter, ''), coalesce(cast("
                ~ address ~ ".cadastral_number as varchar), ''), coalesce(cast(" ~ address
                ~ ".property_number as varchar), ''), coalesce(cast(" ~ address
                ~ ".leasehold_number as varchar), ''))") }}
    end
{%- endmacro %}
