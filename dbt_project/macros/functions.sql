{#-
    On-run-start: functions in the warehouse, written once for models, tests and anyone who looks into the warehouse. A function
    stands in the file of its schema: `freg.latest` in macros/freg.sql. In the engine's own words: another engine has other files.
-#}
{% macro create_functions() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed', 'test') -%}
        {%- do run_query(function_statements()) -%}
    {%- endif -%}
{%- endmacro %}

{#- The statements that make them; a function stands before those that call it. -#}
{% macro function_statements() -%}
create schema if not exists text;
create schema if not exists record;
create schema if not exists freg;
create schema if not exists persontjenesten;
create schema if not exists matrikkel;
create schema if not exists place;
create schema if not exists comparison;
{{ text_functions() }}
{{ record_functions() }}
{{ freg_functions() }}
{{ persontjenesten_functions() }}
{{ matrikkel_functions() }}
{{ place_functions() }}
{{ comparison_functions() }}
{%- endmacro %}
