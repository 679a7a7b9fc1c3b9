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
    The pairs of `comparison_pairs` as a select: pair, left_side, right_side, and until when each of its sides was last read,
    left_read_at and right_read_at. A pair one of whose sides has delivered nothing is left out: everybody would be missing
    there.
-#}
{% macro pairs_of_sides() -%}
    select
        pairs.pair,
        pairs.left_side,
        pairs.right_side,
        left_deliveries.read_at as left_read_at,
        right_deliveries.read_at as right_read_at
    from (
        values
        {%- for pair in comparison_pairs() %}
        ('{{ pair.name }}', '{{ pair.left }}', '{{ pair.right }}'){{ ',' if not loop.last }}
        {%- endfor %}
    ) as pairs (pair, left_side, right_side)
    {%- for which in ['left', 'right'] %}
    inner join ({{ read_until() }}) as {{ which }}_deliveries on pairs.{{ which }}_side = {{ which }}_deliveries.side
    {%- endfor %}
{%- endmacro %}

{#- When each side of the comparison that has delivered anything was last read: side, read_at. -#}
{% macro read_until() -%}
    select
        case source when 'freg' then 'preg' when 'preg' then 'legacy' else source end as side,
        max(created_at) as read_at
    from {{ ref('stg_landing__delivery') }}
    where is_in_force and source in ('freg', 'preg', 'persontjenesten')
    group by side
{%- endmacro %}

{#-
    Whether one side of a pair has registered something of the person after the other side was read. `persons`: a relation with
    left_registered_at and right_registered_at; `read_times`: one with left_read_at and right_read_at (`pairs_of_sides`).
-#}
{% macro is_changed_since(persons, read_times) -%}
    coalesce(
        {{ persons }}.left_registered_at > {{ read_times }}.right_read_at
        or {{ persons }}.right_registered_at > {{ read_times }}.left_read_at,
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
    Whether a kind of address (PostalType) tells at most that the address is protected: nothing, ordinary, 4, 6 or 7.
-#}
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
    The fields that are compared of persons, or of present addresses: rows of column_name and persontjenesten_has_it. entity:
    person (with PREG's store) or address. Empty while the project is only being read.
-#}
{% macro compared_fields(entity) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select column_name, coalesce(persontjenesten_path, '') <> '' as persontjenesten_has_it
        from {{ ref('field_mapping') }}
        where coalesce(compare_rule, '') <> '' and preg_entity in {{ "('Person', 'Store')" if entity == 'person' else "('Address')" }}
        order by preg_entity, column_name
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{%- endmacro %}

{#- Of `pairs`, whether both sides have what Persontjenesten has no word for. -#}
{% macro both_are_preg() -%}
    'persontjenesten' not in (pairs.left_side, pairs.right_side)
{%- endmacro %}

{#-
    The joins of both sides of `pairs` (int_comparison__pair), as left_<entity> and right_<entity>. entity: person, whom both
    sides of such a pair have, or address, which they need not have.
-#}
{% macro join_sides(entity) -%}
    {%- for which in ['left', 'right'] -%}
    {{ 'inner' if entity == 'person' else 'left' }} join {{ ref('int_comparison__' ~ entity) }} as {{ which }}_{{ entity }}
        on pairs.{{ which }}_side = {{ which }}_{{ entity }}.side and pairs.{{ which }}_key = {{ which }}_{{ entity }}.side_key
    {% endfor -%}
{%- endmacro %}

{#-
    The fields of persons (or present addresses) that both joined sides leave blank, as one text. entity: person or address.
-#}
{% macro blank_on_both_sides(entity) -%}
    concat_ws(
        '|'
        {%- for field in compared_fields(entity) %}
        {%- set column = field.column_name %}
        {%- set condition = '' if field.persontjenesten_has_it else both_are_preg() ~ ' and ' %},
        case when {{ condition }}coalesce(left_{{ entity }}.{{ column }}, right_{{ entity }}.{{ column }}) is null then '{{ column }}' end
        {%- endfor %}
    )
{%- endmacro %}

{#-
    The compared fields of persons (or present addresses) that are not literally the same on both sides of a pair: one row
    each, with what `comparison.compared` says of it in `compared`. entity: person or address. In most persons nothing differs:
    one comparison of the whole rows comes before looking at each field.
-#}
{% macro differing_fields(entity) -%}
    {%- set available_columns = column_names(ref('int_comparison__' ~ entity)) -%}
    {%- set all_columns = compared_fields(entity) | map(attribute='column_name') | list -%}
    {%- do must_have(ref('preg_' ~ entity), all_columns) -%}
    {%- do must_have(ref('int_legacy__' ~ entity), all_columns) -%}
    {%- do must_have(
        ref('int_persontjenesten__' ~ entity),
        compared_fields(entity) | selectattr('persontjenesten_has_it') | map(attribute='column_name') | list
    ) -%}
    {%- set parts = [] -%}
    {%- for is_for_all in [true, false] -%}
        {%- set columns = compared_fields(entity) | selectattr('persontjenesten_has_it', 'equalto', is_for_all)
            | map(attribute='column_name') | list -%}
        {%- do parts.append({'columns': columns, 'is_for_all': is_for_all}) if columns -%}
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
        left_address.side_key is null or right_address.side_key is null as is_on_one_side,
        left_address.st as left_st,
        right_address.st as right_st,
        left_address.district_code as left_district_code,
        right_address.district_code as right_district_code,
        {%- endif %}
        unnest(list_filter(list_concat(
            {%- for part in parts %}
            {%- if not part.is_for_all %}
            case
                when {{ both_are_preg() }}
                    then {% endif %}[
                {%- for column in part.columns %}
                comparison.compared('{{ column }}', left_{{ entity }}.{{ column }}, right_{{ entity }}.{{ column }}
                    {%- for suffix, word in [('_value', 'own'), ('_meaning', 'meaning')] if column ~ suffix in available_columns %}
                    {%- for which in ['left', 'right'] %}, {{ which }}_{{ word }} := {{ which }}_{{ entity }}.{{ column ~ suffix }}
                    {%- endfor %}
                    {%- endfor %}){{ ',' if not loop.last }}
                {%- endfor %}
            ]{{ ' end' if not part.is_for_all }}{{ ',' if not loop.last }}
            {%- endfor %}
        ), lambda field: field.differs)) as compared
    from {{ ref('int_comparison__pair') }} as pairs
    {{ join_sides(entity) }}
    where
        pairs.presence = 'both'
        {%- if entity == 'address' %}
        and pairs.has_address
        {%- endif %}
        and {{ only_just_built('pairs') }}
        and (
            {%- for part in parts %}
            {{ 'or ' if not loop.first }}
            {%- if not part.is_for_all %}{{ both_are_preg() }} and {% endif -%}
            row(left_{{ entity }}.{{ part.columns | join(', left_' ~ entity ~ '.') }})
            is distinct from row(right_{{ entity }}.{{ part.columns | join(', right_' ~ entity ~ '.') }})
            {%- endfor %}
        )
{%- endmacro %}

{#-
    The counts of int_comparison__count, added up: a select by pair, `by` (further of its columns), entity and field.
-#}
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

{#-
    How the values of two sides are compared. Functions of the schema `comparison` (`create_functions`,
    macros/functions.sql).
-#}
{% macro comparison_functions() -%}
-- A field of both sides of a comparison, as text. own: the source's own value of a recoded field; meaning: what a
-- side means where it gives something else (the bydel that serves, not the one it lies in).
create or replace macro comparison.compared(
    field, left_value, right_value,
    left_own := null, right_own := null, left_meaning := null, right_meaning := null
) as
    {
        'field': field,
        'differs': left_value is distinct from right_value,
        'left_value': cast(left_value as varchar),
        'right_value': cast(right_value as varchar),
        'left_own': cast(left_own as varchar),
        'right_own': cast(right_own as varchar),
        'left_meaning': cast(left_meaning as varchar),
        'right_meaning': cast(right_meaning as varchar)
    };

-- Whether a compare rule of field_mapping takes two values for equal, though they are not literally the same.
-- is_same_person: both are numbers of one person.
create or replace macro comparison.equal_by_rule(compare_rule, left_value, right_value, is_same_person) as
    coalesce(case
        -- Only the same value is equal. A day: a source's point in time has become the day in Norway before it comes here.
        -- A code: of PREG's code lists. A kommune: another number, even of what is one kommune today, is a difference (of
        -- code list). A person: another number of the same person is a difference (of identity).
        when compare_rule in ('exact', 'day', 'code', 'kommune', 'same_person') then false
        -- Whatever the letter case, spacing and foreign marks; the name of another year's list is a difference.
        when compare_rule in ('name', 'kommune_name', 'enriched_name')
            then text.folded(left_value) = text.folded(right_value)
        -- And commas.
        when compare_rule = 'address_line'
            then text.folded(replace(left_value, ',', ' ')) = text.folded(replace(right_value, ',', ' '))
        -- Whatever the leading zeros.
        when compare_rule in ('number', 'enriched')
            then try_cast(left_value as integer) = try_cast(right_value as integer)
        -- Metres.
        when compare_rule = 'coordinate'
            then abs(try_cast(left_value as double) - try_cast(right_value as double)) < 1
        -- Freg names a relative as it did when the relation was registered; PREG names the number of today.
        when compare_rule = 'relative' then is_same_person
        else error('field_mapping names a compare rule that comparison.equal_by_rule does not have: ' || compare_rule)
    end, false);

-- A field in two states of a person, as text.
create or replace macro comparison.changed(field, before, after) as
    {
        'field': field,
        'differs': before is distinct from after,
        'from_value': cast(before as varchar),
        'to_value': cast(after as varchar)
    };
{%- endmacro %}
