{#- The columns of stg_freg__person that name a relative by number. -#}
{% macro freg_relatives() -%}
    {{ return(['mor', 'far', 'medmor', 'siste_relatert_ved_sivilstand', 'ektefelle_eller_partner']) }}
{%- endmacro %}
