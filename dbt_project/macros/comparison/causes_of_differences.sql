{#-
    Which differences follow from another of the same person (or present address) of the same pair: pair, person, entity,
    field, cause. Only what the cause explains:

    address_line    lines and PostalAddress: the texts are the same when each is read with the left side's parts, or both
                    are missing on one side
    day             each side has the same day in both fields; or one side has neither the value nor the day since when
    anything else   what has a name or a code of its own: the follower is blank on the sides on which the cause is, and
                    on no other; the cause is another value, not another way of writing it

    A difference that a rule takes for equal, and one of protection, neither follows nor causes. `differences`: of
    `field_differences`; `causes`: of `field_causes`.
-#}
{% macro causes_of_differences(differences, causes) -%}
    with own as (
        select * from {{ differences }}
        where difference_kind not in ('equal_after_rule', 'protection')
    ),

    candidates as (
        select
            own.pair,
            own.person,
            own.entity,
            own.field,
            causes.compare_rule,
            causes.cause,
            causes.place,
            own.left_value,
            own.right_value,
            cause.left_value as left_cause,
            cause.right_value as right_cause,
            cause.difference_kind as cause_kind
        from own
        inner join {{ causes }} as causes on own.entity = causes.entity and own.field = causes.field
        inner join own as cause
            on
                own.pair = cause.pair
                and own.person = cause.person
                and own.entity = cause.entity
                and causes.cause = cause.field
    ),

    -- A line that one side has more moves the others: the lines are read as one text.
    lines as (
        select
            pair,
            person,
            {%- for side in ['left', 'right'] %}
            {% for line in ['address_line1', 'address_line2', 'address_line3'] -%}
            coalesce(max(case when field = '{{ line }}' then {{ side }}_value end), '')
            {{- " || ' ' || " if not loop.last }}
            {%- endfor %} as {{ side }}_lines{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ differences }}
        where field in ('address_line1', 'address_line2', 'address_line3')
        group by pair, person
    ),

    composed as (
        select
            candidates.pair,
            candidates.person,
            candidates.entity,
            candidates.field,
            case when candidates.field = 'postal_address' then candidates.left_value else lines.left_lines end as left_text,
            case when candidates.field = 'postal_address' then candidates.right_value else lines.right_lines end as right_text,
            {{ texts_side_by_side('candidates.left_cause', 'candidates.right_cause') }} as parts,
            min(candidates.place) as place
        from candidates
        left join lines on candidates.pair = lines.pair and candidates.person = lines.person
        where candidates.compare_rule = 'address_line'
        group by 1, 2, 3, 4, 5, 6
    ),

    explained_in_some_way as (
        select pair, person, entity, field, place from composed
        where {{ differ_only_by('left_text', 'right_text', 'parts') }}
        union all
        select pair, person, entity, field, place
        from candidates
        where
            case compare_rule
                -- A line that is missing with the first one, on the same side.
                when 'address_line'
                    then
                        (left_value is null and left_cause is null)
                        or (right_value is null and right_cause is null)
                when 'day'
                    then
                        (left_value = left_cause and right_value = right_cause)
                        or (left_value is null and left_cause is null)
                        or (right_value is null and right_cause is null)
                else
                    cause_kind <> 'format'
                    and (left_value is null) = (left_cause is null)
                    and (right_value is null) = (right_cause is null)
            end
    ),

    explained as (
        select pair, person, entity, field, min(place) as place
        from explained_in_some_way
        group by pair, person, entity, field
    ),

    other_addresses as (
        {{ another_address(differences) }}
    )

    select
        own.pair,
        own.person,
        own.entity,
        own.field,
        coalesce(other_addresses.cause, causes.cause) as cause
    from own
    left join other_addresses
        on own.pair = other_addresses.pair and own.person = other_addresses.person and own.entity = 'Address'
    left join explained
        on
            own.pair = explained.pair
            and own.person = explained.person
            and own.entity = explained.entity
            and own.field = explained.field
    left join {{ causes }} as causes
        on explained.entity = causes.entity and explained.field = causes.field and explained.place = causes.place
    where coalesce(other_addresses.cause, causes.cause) <> own.field
{%- endmacro %}
