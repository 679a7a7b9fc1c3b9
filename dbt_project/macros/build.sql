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

{#-
    Whether this model is built incrementally: only the rows of affected persons, or of new documents. A unit test builds a
    model whole: it has no relation of its own.
-#}
{% macro is_partial_build() -%}
    {{ return(this is not none and is_incremental()) }}
{%- endmacro %}

{#- Whether everything is built again, so that nobody in particular is affected. -#}
{% macro is_whole_build() -%}
    {{ return(not execute or this is none or should_full_refresh()) }}
{%- endmacro %}

{#-
    How a model is built that grows with the deliveries: whole in a build of everything; else the affected rows are deleted
    and inserted again, in one transaction. One of these stands first in such a model, and
    its own condition (`only_affected`, `only_new_documents`, `only_when_whole`) where it reads.

    This one: the rows of affected persons. `key` is the model's column, `affected` the model of one column, `number`, that says
    whose rows; more pairs of both may follow.
-#}
{% macro rebuilt_for_affected(key, affected) -%}
    {%- set hooks = [] -%}
    {%- for column, model in [(key, affected)] + (varargs | list) -%}
        {%- do hooks.append("{{ delete_affected_rows('" ~ column ~ "', ref('" ~ model ~ "')) }}") -%}
    {%- endfor -%}
    {{ config(materialized='incremental', incremental_strategy='append', pre_hook=hooks) }}
{%- endmacro %}

{#- As `rebuilt_for_affected`, for a model that holds each document once: the rows of documents that are new. -#}
{% macro rebuilt_for_new_documents() -%}
    {{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ delete_new_documents() }}') }}
{%- endmacro %}

{#-
    As `rebuilt_for_affected`, for a model whose rows only a build of everything takes away: in another build it adds what it
    lacks, or nothing (`only_when_whole`).
-#}
{% macro rebuilt_with_everything() -%}
    {{ config(materialized='incremental', incremental_strategy='append') }}
{%- endmacro %}

{#-
    The number of the last document that the models hold, from `build.progress`: later documents are what a build adds.
    Zero before the first build. A number in the SQL, not a subquery, so that the scan of raw skips what it need not read.
-#}
{% macro last_built_document() -%}
    {%- if not execute or not is_partial_build() -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set found = run_query('select coalesce(max(last_document_number), 0) from build.progress') -%}
    {{ return(found.columns[0].values()[0] | int) }}
{%- endmacro %}

{#- The end of a model that changes only in a build of everything: in any other it adds no rows. -#}
{% macro only_when_whole() -%}
    {{ 'where false' if is_partial_build() }}
{%- endmacro %}

{#-
    A model as the last build left it. Not a reference: what is affected must be known before the model is built again, and
    it is the old rows that are asked for. Only in a build that is not whole; then the model is there.
-#}
{% macro as_last_built(model) -%}
    {{ api.Relation.create(database=this.database, schema=this.schema, identifier=model) }}
{%- endmacro %}

{#- Pre-hook of a model that holds each document once: whatever an unfinished build left of the new ones goes. -#}
{% macro delete_new_documents() -%}
    {%- if is_partial_build() -%}
        delete from {{ this }} where document_number > {{ last_built_document() }}
    {%- endif -%}
{%- endmacro %}

{#- As a condition: the documents that the last build did not have; in a build of everything, all. -#}
{% macro only_new_documents() -%}
    {%- if is_partial_build() -%}
        document_number > {{ last_built_document() }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#-
    As a condition: the documents that the last build did not have, for a model that says whom a build touches; in a build of
    everything, none.
-#}
{% macro only_after_the_last_build() -%}
    {%- if is_whole_build() -%}
        false
    {%- else -%}
        document_number > (select max(last_document_number) from build.progress)
    {%- endif -%}
{%- endmacro %}

{#-
    Pre-hook of a model keyed on the person: the rows of whom this build touches go, in the same transaction in which the
    new ones come. `key` is the model's column; `affected` a model of one column, `number`.
-#}
{% macro delete_affected_rows(key, affected) -%}
    {%- if is_partial_build() -%}
        delete from {{ this }} where {{ key }} in (select number from {{ affected }})
    {%- endif -%}
{%- endmacro %}

{#- As a condition: the persons whom this build touches; in a build of everything, all. See `delete_affected_rows`. -#}
{% macro only_affected(key, affected) -%}
    {%- if is_partial_build() -%}
        {{ key }} in (select number from {{ affected }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#-
    As a column of a model keyed on the person: the highest document_number before the build that made the row, a watermark.
    The rows of one build are together in the table, and by it the models after it find them without reading the others
    (`only_just_built`).
-#}
{% macro built_after() -%}
    cast({{ last_built_document() }} as bigint) as built_after
{%- endmacro %}

{#-
    As a condition on a model that has `built_after`: the rows that this build made; in a build of everything, all. For a model
    that is keyed on the same affected persons as the one it reads; it says the same as `only_affected`, for less reading.
-#}
{% macro only_just_built(relation) -%}
    {%- if is_partial_build() -%}
        {{ relation }}.built_after = {{ last_built_document() }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The names of a relation's columns; empty while the project is only being read, or before the relation exists. -#}
{% macro column_names(relation) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(adapter.get_columns_in_relation(relation) | map(attribute='name') | list) }}
{%- endmacro %}

{#-
    Fails unless a relation has the columns: for what is united by name, where one that is missing would be NULL in silence.
-#}
{% macro must_have(relation, columns) -%}
    {%- set there = column_names(relation) -%}
    {%- set missing = columns | reject('in', there) | list -%}
    {%- if there and missing -%}
        {{ exceptions.raise_compiler_error(relation ~ ' has no column ' ~ missing | join(', ')) }}
    {%- endif -%}
{%- endmacro %}

{#-
    On-run-end of a build: tables and views that no model makes any longer go, with what they hold of persons, and functions of the
    schema `build`. A warehouse that an older version has built has some.
-#}
{% macro drop_orphaned_relations() -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- set made = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed'] -%}
            {%- do made.append((node.schema, node.alias)) -%}
        {%- endfor -%}
        {%- set there = run_query("select table_schema, table_name, table_type from information_schema.tables"
            ~ " where table_catalog = current_database() and table_schema in ('staging', 'intermediate', 'marts')") -%}
        {%- for row in there.rows if (row[0], row[1]) not in made -%}
            {%- do run_query('drop ' ~ ('view ' if row[2] == 'VIEW' else 'table ')
                ~ adapter.quote(row[0]) ~ '.' ~ adapter.quote(row[1])) -%}
        {%- endfor -%}
        {#- Functions have schemas of their own now. -#}
        {%- set functions = run_query("select function_name from duckdb_functions()"
            ~ " where database_name = current_database() and schema_name = 'build' and function_type = 'macro'") -%}
        {%- for row in functions.rows -%}
            {%- do run_query('drop macro build.' ~ adapter.quote(row[0])) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
