{#- The number that a kommune has today; of one that was divided, the number itself. -#}
{% macro kommune_today(number) -%}
    coalesce(
        (
            select changed.present_kommunenummer
            from {{ ref('int_kommune__present') }} as changed
            where changed.kommunenummer = {{ number }}
        ),
        {{ number }}
    )
{%- endmacro %}
