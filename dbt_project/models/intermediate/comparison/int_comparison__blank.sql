-- Which compared fields are blank on both sides, one row per person whom both sides of a pair have: nothing is compared
-- there, and nothing agrees. The fields as one text each for the person and for the present address (NULL where no
-- address is compared). A field that Persontjenesten has no word for is no field of its pairs.
{{ rebuilt_for_affected('person', 'int_affected__pair') }}
-- depends_on: {{ ref('field_mapping') }}
-- After it, not in parallel with it: both join all sides with all sides.
-- depends_on: {{ ref('int_comparison__field') }}
with final as (
    select
        pairs.pair,
        pairs.person,
        {{ blank_on_both_sides('person') }} as of_person,
        case
            when pairs.has_address
                then {{ blank_on_both_sides('address') }}
        end as of_address,
        {{ built_after() }}
    from {{ ref('int_comparison__pair') }} as pairs
    {{ join_sides('person') }}
    {{ join_sides('address') }}
    where pairs.presence = 'both' and {{ only_just_built('pairs') }}
)

select * from final
