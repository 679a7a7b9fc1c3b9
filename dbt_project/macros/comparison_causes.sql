{#-
    Which differences follow from another of the same person (or present address) of the same pair: pair, person, entity,
    field, cause. Only what the cause explains:

    address_line    PostalAddress: the texts are the same when each is read with the left side's parts; it and the lines of
                    a separate postal address: both are missing on one side
    day             each side has the same day in both fields; or one side has neither the value nor the day since when
    anything else   what has a name or a code of its own: the follower is blank on the sides on which the cause is, and
                    on no other; the cause is another value, not another way of writing it

    A difference that a rule takes for equal, and one of protection, neither follows nor causes. `differences`: of
    int_comparison__field; `mapping`: field_mapping, whose follows_from names the causes of a field.
-#}
{% macro causes_of_differences(differences, mapping) -%}
    with causes as (
        select
            preg_entity as entity,
            column_name as field,
            compare_rule,
            unnest(string_split(follows_from, '|')) as cause,
            generate_subscripts(string_split(follows_from, '|'), 1) as priority
        from {{ mapping }}
        where coalesce(follows_from, '') <> '' and coalesce(compare_rule, '') <> ''
    ),

    own as (
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
            causes.priority,
            own.left_value,
            own.right_value,
            cause.left_value as left_cause,
            cause.right_value as right_cause,
            cause.difference_kind as cause_kind
        from own
        inner join causes on own.entity = causes.entity and own.field = causes.field
        inner join own as cause
            on
                own.pair = cause.pair
                and own.person = cause.person
                and own.entity = cause.entity
                and causes.cause = cause.field
    ),

    -- What is made of parts: read with the other side's parts, the street line is the same.
    composed as (
        select
            pair,
            person,
            entity,
            field,
            left_value,
            right_value,
            list({'left_text': left_cause, 'right_text': right_cause}) as parts,
            min(priority) as priority
        from candidates
        where field = 'postal_address'
        group by pair, person, entity, field, left_value, right_value
    ),

    explained_in_some_way as (
        select pair, person, entity, field, priority from composed
        where text.differ_only_by(left_value, right_value, parts)
        union all
        select pair, person, entity, field, priority
        from candidates
        where
            case compare_rule
                -- A line that is missing with its cause, on the same side.
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
        select pair, person, entity, field, min(priority) as priority
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
    left join causes
        on explained.entity = causes.entity and explained.field = causes.field and explained.priority = causes.priority
    where coalesce(other_addresses.cause, causes.cause) <> own.field
{%- endmacro %}

{#-
    Of the differences of present addresses, the persons in whom the two sides show two different addresses, and the one
    difference that all the others follow from: pair, person, cause. The sides show different addresses when only one of them
    has any, or when two of these differ in more than format or edition of a list: the street or the farm, the house, the
    postal code, kommune or country, the day of the move. The cause is the day of the move where it differs (one side lacks a
    move), else the first of the others.
-#}
{% macro another_address(differences) -%}
    {%- set parts = [
        ['date_adr_from'],
        ['street_name', 'cadastral_number'],
        ['house_number', 'property_number'],
        ['postal_code', 'st', 'country'],
    ] -%}
    select
        pair,
        person,
        coalesce(
            {%- for field in parts | sum(start=[]) %}
            max(case when field = '{{ field }}' then field end),
            {%- endfor %}
            min(field)
        ) as cause
    from {{ differences }}
    where entity = 'Address' and difference_kind not in ('equal_after_rule', 'protection')
    group by pair, person
    having
        max(case when is_on_one_side then 1 else 0 end) = 1
        or {% for fields in parts -%}
        max(case when field in ('{{ fields | join("', '") }}') and difference_kind not in ('format', 'code_list') then 1 else 0 end)
        {{ '+' if not loop.last }} {% endfor -%}
        >= 2
{%- endmacro %}
