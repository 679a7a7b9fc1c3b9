{#-
    On-run-start: the table that says how far the models have been built (`build.progress`, one row once a build was
    whole), and that from now on they are not: until `preg run` or Dagster has seen the build succeed, the next one
    builds everything.
-#}
{% macro start_build() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
        {%- do run_query('create schema if not exists build') -%}
        {%- do run_query('create table if not exists build.progress (is_whole boolean not null,'
            ~ ' last_document_number bigint not null, last_delivery_number integer not null, rules varchar not null,'
            ~ ' lineage varchar not null)') -%}
        {%- do run_query('update build.progress set is_whole = false') -%}
    {%- endif -%}
{%- endmacro %}
