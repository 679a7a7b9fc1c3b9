{#-
    The pairs of sides that are held against each other, each with its name, its left and its right side. A side is `preg`
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

{#-
    The fields that a comparison is generated from, of the entities given: rows of preg_entity, column_name, compare_rule,
    persontjenesten_path, follows_from. Empty while the project is only being read.
-#}
{% macro compared_fields(entities) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select
            preg_entity, column_name, compare_rule,
            coalesce(persontjenesten_path, '') as persontjenesten_path,
            coalesce(follows_from, '') as follows_from
        from {{ ref('field_mapping') }}
        where coalesce(compare_rule, '') <> '' and preg_entity in ('{{ entities | join("', '") }}')
        order by preg_entity, column_name
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{%- endmacro %}

{#-
    Whether a field is compared in a pair: Persontjenesten has no word for some of PREG's fields, and then there is nothing
    to hold against it.
-#}
{% macro is_compared_in(pair, field) -%}
    {{ return(field.persontjenesten_path != '' or 'persontjenesten' not in [pair.left, pair.right]) }}
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

{#-
    For each pair of sides, the persons (or present addresses) in whom any compared field is not literally the same, the
    compared columns side by side. Those in whom nothing differs are most of them and need not be kept: how many there are
    is known from `int_comparison__pair`. entity: 'person' or 'address'. fields: of `compared_fields`.
-#}
{% macro pairs_that_differ(entity, fields) -%}
    {%- set any_columns = [] -%}
    {%- for side in ['legacy', 'persontjenesten'] -%}
        {%- do any_columns.extend(column_names(comparison_side(side)[entity])) -%}
    {%- endfor -%}
    {%- for pair in comparison_pairs() -%}
    {%- set left_side = comparison_side(pair.left) -%}
    {%- set right_side = comparison_side(pair.right) -%}
    {%- set owns = {
        'left': column_names(left_side[entity]), 'right': column_names(right_side[entity]), 'any': any_columns
    } %}
    {%- set values = {'left': [], 'right': []} -%}
    {%- for field in fields if is_compared_in(pair, field) -%}
    {%- for side in ['left', 'right'] -%}
        {%- do values[side].append(side ~ '_side.' ~ field.column_name) -%}
    {%- endfor -%}
    {%- endfor %}
    select
        pairs.pair,
        pairs.person,
        pairs.is_changed_since,
        pairs.is_hidden,
        pairs.is_known,
        {%- if entity == 'address' %}
        left_side.{{ left_side.key }} is null or right_side.{{ right_side.key }} is null as is_on_one_side,
        {%- endif %}
        {{ compared_columns(fields, owns) }}
        {{ built_after() }}
    from {{ ref('int_comparison__pair') }} as pairs
    {%- for name, side in [('left', left_side), ('right', right_side)] %}
    {{ 'inner' if entity == 'person' else 'left' }} join {{ side[entity] }} as {{ name }}_side
        on {{ 'pairs.person' if side.key == 'nin' else 'pairs.' ~ name ~ '_document_number' }} = {{ name }}_side.{{ side.key }}
        {%- if entity == 'address' and side.current != 'true' %} and {{ name }}_side.{{ side.current }}{% endif %}
    {%- endfor %}
    where
        pairs.pair = '{{ pair.name }}'
        and pairs.presence = 'both'
        {%- if entity == 'address' %}
        and pairs.has_address
        {%- endif %}
        and {{ only_just_built('pairs') }}
        {%- if fields %}
        and row({{ values.left | join(', ') }}) is distinct from row({{ values.right | join(', ') }})
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#-
    The compared columns of both sides side by side, `left_<column>` and `right_<column>`, and of each side what it has to
    explain them by (`<column>_value`, `<column>_meaning`); NULL where it has none. `owns`: the columns of each side's
    relation. Generated from the field mapping.
-#}
{% macro compared_columns(fields, owns) -%}
    {%- for side in ['left', 'right'] -%}
    {%- for field in fields -%}
    {%- for suffix in ['', '_value', '_meaning'] -%}
    {%- set column = field.column_name ~ suffix -%}
    {%- if column in owns[side] %}
    {{ side }}_side.{{ column }} as {{ side }}_{{ column }},
    {%- elif suffix == '' or column in owns['any'] %}
    cast(null as varchar) as {{ side }}_{{ column }},
    {%- endif -%}
    {%- endfor -%}
    {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- For a list of columns: `<alias>.<column> as <side>_<column>`, comma-separated. -#}
{% macro paired_columns(alias, side, columns) -%}
    {%- for column in columns %}
    {{ alias }}.{{ column }} as {{ side }}_{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#-
    The names of the fields in which both sides of a pair are blank, each with `|` behind it, as one text: most persons
    share theirs with many others, so that they are counted once a text and not once a field.
-#}
{% macro blank_fields(pair, fields, left, right) -%}
    concat(
        ''
        {%- for field in fields if is_compared_in(pair, field) %},
        case
            when {{ left }}.{{ field.column_name }} is null and {{ right }}.{{ field.column_name }} is null
                then '{{ field.column_name }}|'
            else ''
        end
        {%- endfor %}
    )
{%- endmacro %}

{#-
    One row for each field in which a pair differs: pair, person, entity, field, left_value, right_value, difference_kind,
    is_shown, is_on_one_side. Of an unknown code the source's own value is given. Values of a hidden address, and of the
    address of somebody whose protection we do not know, are not to be shown, whichever side has them (`is_shown`): they are
    here because what follows from what is told by them. The kind of such an address is shown where it tells no more than that it
    is protected.
-#}
{% macro field_differences(pairs, entity, fields, columns) -%}
    {%- if not fields %}
    select
        cast(null as varchar) as pair, cast(null as varchar) as person, cast(null as varchar) as entity,
        cast(null as varchar) as field, cast(null as varchar) as left_value, cast(null as varchar) as right_value,
        cast(null as varchar) as difference_kind, cast(null as boolean) as is_shown,
        cast(null as boolean) as is_on_one_side
    where false
    {%- endif -%}
    {%- for field in fields %}
    {%- set hides = entity == 'Address' and field.column_name != 'postal_type' %}
    select
        pair,
        person,
        '{{ field.preg_entity }}' as entity,
        '{{ field.column_name }}' as field,
        {%- for side in ['left', 'right'] %}
        {%- set column = side ~ '_' ~ field.column_name %}
        {%- set value = 'cast(' ~ column ~ ' as varchar)' %}
        {%- if column ~ '_value' in columns and field.column_name != 'postal_type' %}
        {%- set value = 'coalesce(' ~ value ~ ', ' ~ column ~ '_value)' %}
        {%- endif %}
        {{ value }} as {{ side }}_value,
        {%- endfor %}
        {{ difference_kind(field, columns) }} as difference_kind,
        {% if entity == 'Address' -%}
        is_known and not is_hidden
        {%- if not hides %}
        or {{ tells_only_protection('left_postal_type') }} and {{ tells_only_protection('right_postal_type') }}
        {%- endif %}
        {%- else -%}
        true
        {%- endif %} as is_shown,
        {{ 'is_on_one_side' if entity == 'Address' else 'false' }} as is_on_one_side
    from {{ pairs }}
    where
        left_{{ field.column_name }} is distinct from right_{{ field.column_name }}
        and pair in ('none'{% for pair in comparison_pairs() if is_compared_in(pair, field) %}, '{{ pair.name }}'{% endfor %})
    {{ 'union all' if not loop.last }}
    {%- endfor %}
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
