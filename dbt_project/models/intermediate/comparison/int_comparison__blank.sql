-- Which compared fields are blank on both sides, one row per person whom both sides of a pair have: nothing is compared
-- there, and nothing agrees. The fields as one text each for the person and for the present address (NULL where no
-- address is compared).
{{ rebuilt_for_affected('person', 'int_affected__pair') }}
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
    select
        pairs.pair,
        pairs.person,
        concat_ws(
            '|'
            {%- for column in columns_of_pair(pair, compared_fields(['Person', 'Store'])) %},
            case when left_person.{{ column }} is null and right_person.{{ column }} is null then '{{ column }}' end
            {%- endfor %}
        ) as of_person,
        case
            when pairs.has_address
                then concat_ws(
                    '|'
                    {%- for column in columns_of_pair(pair, compared_fields(['Address'])) %},
                    case
                        when left_address.{{ column }} is null and right_address.{{ column }} is null
                            then '{{ column }}'
                    end
                    {%- endfor %}
                )
        end as of_address,
        {{ built_after() }}
    from {{ ref('int_comparison__pair') }} as pairs
    {%- for which in ['left', 'right'] %}
    {{- join_side(pair, which, 'person', which ~ '_person', 'inner') }}
    {{- join_side(pair, which, 'address', which ~ '_address', 'left') }}
    {%- endfor %}
    where
        pairs.pair = '{{ pair.name }}'
        and pairs.presence = 'both'
        and {{ only_just_built('pairs') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
