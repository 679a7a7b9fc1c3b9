-- Which compared fields are blank on both sides, a row a person whom both sides of a pair have: nothing is compared
-- there, and nothing agrees. The fields as one text each for the person and for the present address (NULL where no
-- address is compared).
{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_touched('person', ref('int_touched__pair')) }}"
) }}
-- depends_on: {{ ref('field_mapping') }}
-- depends_on: {{ ref('preg_person') }}
-- depends_on: {{ ref('preg_address') }}
-- depends_on: {{ ref('int_legacy__person') }}
-- depends_on: {{ ref('int_legacy__address') }}
-- depends_on: {{ ref('int_persontjenesten__person') }}
-- depends_on: {{ ref('int_persontjenesten__address') }}
-- depends_on: {{ ref('int_comparison__pair') }}
with final as (
    {% for pair in comparison_pairs() %}
    {%- set left_side = comparison_side(pair.left) %}
    {%- set right_side = comparison_side(pair.right) %}
    select
        pairs.pair,
        pairs.person,
        {{ blank_fields(pair, compared_fields(['Person', 'Store']), 'left_person', 'right_person') }} as of_person,
        case
            when pairs.has_address
                then {{ blank_fields(pair, compared_fields(['Address']), 'left_address', 'right_address') }}
        end as of_address,
        {{ built_after() }}
    from {{ ref('int_comparison__pair') }} as pairs
    {%- for name, side in [('left', left_side), ('right', right_side)] %}
    {%- set number = 'pairs.person' if side.key == 'nin' else 'pairs.' ~ name ~ '_document_number' %}
    inner join {{ side.person }} as {{ name }}_person on {{ number }} = {{ name }}_person.{{ side.key }}
    left join {{ side.address }} as {{ name }}_address
        on
            {{ number }} = {{ name }}_address.{{ side.key }}
            {%- if side.current != 'true' %}
            and {{ name }}_address.{{ side.current }}
            {%- endif %}
    {%- endfor %}
    where
        pairs.pair = '{{ pair.name }}'
        and pairs.presence = 'both'
        and {{ only_just_built('pairs') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
