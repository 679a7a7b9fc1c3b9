{#-
    The pairs of sides that are compared with each other, each with its name, its left and its right side. A side is `preg`
    (PREG as we build it), `legacy` (the running PREG, from its exports) or `persontjenesten`.
-#}
{% macro comparison_pairs() -%}
    {{ return([
        {'name': 'preg_persontjenesten', 'left': 'preg', 'right': 'persontjenesten'},
        {'name': 'preg_legacy', 'left': 'preg', 'right': 'legacy'},
        {'name': 'legacy_persontjenesten', 'left': 'legacy', 'right': 'persontjenesten'},
    ]) }}
{%- endmacro %}

{#-
    Where a side of the comparison has its persons and their present addresses, in PREG's columns: `person` and `address`
    (relations), `key` (the column by which both are found: our number of the person, or the number of the document) and
    `current` (a condition on the addresses).
-#}
{% macro comparison_side(name) -%}
    {{ return({
        'preg': {
            'person': ref('preg_person'), 'address': ref('preg_address'), 'key': 'nin',
            'current': 'current_address'
        },
        'legacy': {
            'person': ref('int_legacy__person'), 'address': ref('int_legacy__address'), 'key': 'document_number',
            'current': 'true'
        },
        'persontjenesten': {
            'person': ref('int_persontjenesten__person'), 'address': ref('int_persontjenesten__address'),
            'key': 'document_number', 'current': 'true'
        },
    }[name]) }}
{%- endmacro %}

{#-
    When each side of the comparison was last read, `<side>_at`, NULL for a side that has delivered nothing, and `today`: the
    day of the newest delivery. One row.
-#}
{% macro read_until() -%}
    select
        {%- for side, source in [('preg', 'freg'), ('legacy', 'preg'), ('persontjenesten', 'persontjenesten')] %}
        max(case when source = '{{ source }}' then created_at end) as {{ side }}_at,
        {%- endfor %}
        cast(max(created_at) as date) as today
    from {{ ref('stg_landing__delivery') }}
    where is_in_force
{%- endmacro %}

{#- Whether one side of a pair has registered something of the person after the other side was read. -#}
{% macro is_changed_since(pair, left_registered_at, right_registered_at) -%}
    coalesce(
        {{ left_registered_at }} > read_until.{{ pair.right }}_at
        or {{ right_registered_at }} > read_until.{{ pair.left }}_at,
        false
    )
{%- endmacro %}

{#-
    Which class of persons somebody belongs to, by a relation's person, reg_status, date_of_birth and is_hidden; the first
    that applies, so that the classes add up:

    protected  the address is hidden: the person's own, or a dwelling shared with somebody protected
    dead       registration status 5
    emigrated  registration status 3
    help_number  known by a common help number (FH), which begins with 8 or 9: Freg has none of them
    d_number   known by a D-number
    child      under 18 on `today`
    resident   registration status 1
    other      everybody else
-#}
{% macro person_class(relation, today) -%}
    case
        when {{ relation }}.is_hidden then 'protected'
        when {{ relation }}.reg_status = 5 then 'dead'
        when {{ relation }}.reg_status = 3 then 'emigrated'
        when try_cast({{ relation }}.person[1] as integer) >= 8 then 'help_number'
        when try_cast({{ relation }}.person[1] as integer) between 4 and 7 then 'd_number'
        when {{ relation }}.date_of_birth > ({{ today }} - interval 18 years) then 'child'
        when {{ relation }}.reg_status = 1 then 'resident'
        else 'other'
    end
{%- endmacro %}

{#- Whether a kind of address (PostalType) tells at most that the address is protected: nothing, ordinary, 4, 6 or 7. -#}
{% macro tells_only_protection(postal_type) -%}
    coalesce(cast({{ postal_type }} as varchar), '0') in ('0', '4', '6', '7')
{%- endmacro %}

{#- The kinds of difference, in the order of the summary's columns. See docs/comparison.md. -#}
{% macro difference_kinds() -%}
    {{ return([
        'only_left', 'only_right', 'format', 'code_list', 'meaning', 'timing', 'protection', 'enrichment', 'identity',
        'unexplained', 'derived'
    ]) }}
{%- endmacro %}

{#-
    The fields that are compared, of the entities given: rows of column_name and persontjenesten_has_it. Empty while the
    project is only being read.
-#}
{% macro compared_fields(entities) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select column_name, coalesce(persontjenesten_path, '') <> '' as persontjenesten_has_it
        from {{ ref('field_mapping') }}
        where coalesce(compare_rule, '') <> '' and preg_entity in ('{{ entities | join("', '") }}')
        order by preg_entity, column_name
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{%- endmacro %}

{#-
    The columns that a pair compares, of those given by `compared_fields`: Persontjenesten has no word for some of PREG's
    fields, and then there is nothing to compare with.
-#}
{% macro columns_of_pair(pair, fields) -%}
    {%- if 'persontjenesten' in [pair.left, pair.right] -%}
        {%- set fields = fields | selectattr('persontjenesten_has_it') -%}
    {%- endif -%}
    {{ return(fields | map(attribute='column_name') | list) }}
{%- endmacro %}

{#-
    The join of a pair's side: its persons (or present addresses) as `left_side` or `right_side`. entity: person or address.
-#}
{% macro join_side(pair, which, entity, alias, how) -%}
    {%- set side = comparison_side(pair[which]) %}
    {{ how }} join {{ side[entity] }} as {{ alias }}
        on {{ 'pairs.person' if side.key == 'nin' else 'pairs.' ~ which ~ '_document_number' }} = {{ alias }}.{{ side.key }}
        {%- if entity == 'address' and side.current != 'true' %} and {{ alias }}.{{ side.current }}{% endif %}
{%- endmacro %}

{#-
    The compared fields of persons (or present addresses) that are not literally the same on both sides of a pair: one row
    each, with what `build.compared` says of it in `compared`. entity: person or address. In most persons nothing differs:
    one comparison of the whole rows comes before looking at each field.
-#}
{% macro differing_fields(entity) -%}
    {%- set fields = compared_fields(['Person', 'Store'] if entity == 'person' else ['Address']) -%}
    {%- for pair in comparison_pairs() -%}
    {%- set columns = columns_of_pair(pair, fields) -%}
    {%- set has = {} -%}
    {%- for which in ['left', 'right'] -%}
        {%- do has.update({which: column_names(comparison_side(pair[which])[entity])}) -%}
    {%- endfor %}
    select
        pairs.pair,
        pairs.person,
        pairs.is_changed_since,
        pairs.is_hidden,
        pairs.is_known,
        {%- if entity == 'person' %}
        false as is_on_one_side,
        cast(null as varchar) as left_st,
        cast(null as varchar) as right_st,
        cast(null as varchar) as left_district_code,
        cast(null as varchar) as right_district_code,
        {%- else %}
        left_side.{{ comparison_side(pair.left).key }} is null
        or right_side.{{ comparison_side(pair.right).key }} is null as is_on_one_side,
        left_side.st as left_st,
        right_side.st as right_st,
        left_side.district_code as left_district_code,
        right_side.district_code as right_district_code,
        {%- endif %}
        unnest(list_filter([
            {%- for column in columns %}
            build.compared('{{ column }}', left_side.{{ column }}, right_side.{{ column }}
                {%- for suffix in ['_value', '_meaning'] %}
                {%- for which in ['left', 'right'] %}, {{ which ~ '_side.' ~ column ~ suffix if column ~ suffix in has[which] else 'null' }}
                {%- endfor %}
                {%- endfor %}){{ ',' if not loop.last }}
            {%- endfor %}
        ], lambda field: field.differs)) as compared
    from {{ ref('int_comparison__pair') }} as pairs
    {{- join_side(pair, 'left', entity, 'left_side', 'inner' if entity == 'person' else 'left') }}
    {{- join_side(pair, 'right', entity, 'right_side', 'inner' if entity == 'person' else 'left') }}
    where
        pairs.pair = '{{ pair.name }}'
        and pairs.presence = 'both'
        {%- if entity == 'address' %}
        and pairs.has_address
        {%- endif %}
        and {{ only_just_built('pairs') }}
        {%- if columns %}
        and row(left_side.{{ columns | join(', left_side.') }})
        is distinct from row(right_side.{{ columns | join(', right_side.') }})
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The counts of int_comparison__count, added up: a select by pair, `by` (further of its columns), entity and field. -#}
{% macro added_counts(by=[]) -%}
    {%- set grouped = ['pair'] + by + ['entity', 'field'] -%}
    select
        {{ grouped | join(',\n        ') }},
        {%- for count in ['compared', 'both_blank', 'equal', 'different', 'causes', 'equal_after_rule'] + difference_kinds() %}
        cast(sum({{ count }}) as bigint) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_comparison__count') }}
    group by {{ grouped | join(', ') }}
{%- endmacro %}
