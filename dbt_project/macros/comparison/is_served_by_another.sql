{#- Whether a bydel has no administration of its own, so that who lives there is served by another (`bydel_uten_administrasjon`). -#}
{% macro is_served_by_another(district_code) -%}
    {{ district_code }} in (select bydelsnummer from {{ ref('bydel_uten_administrasjon') }})
{%- endmacro %}
