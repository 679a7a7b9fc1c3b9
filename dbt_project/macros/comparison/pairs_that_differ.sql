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
        and {{ rows_differ(values.left, values.right) }}
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
