-- One row per compared field of a pair of sides, kommune and class of persons: how many were compared, blank on both
-- sides, equal, different, different by a cause of their own, equal only by a rule, and how many of each kind of
-- difference. All who have a value on either side are compared: of the field nin, all who are on a side; of the other
-- fields, whom both sides have; of those of the address, whose address is compared. Where both sides are blank there
-- is nothing that could agree. The summaries add these up.
{{ config(materialized='table') }}
with fields as (
    select
        preg_entity as entity,
        column_name as field,
        coalesce(persontjenesten_path, '') <> '' as persontjenesten_has_it
    from {{ ref('field_mapping') }}
    where coalesce(compare_rule, '') <> ''
),

newest as (
    select cast(max(created_at) as date) as today
    from {{ ref('stg_landing__delivery') }}
    where is_in_force
),

-- A child is one on the day of the newest delivery, not on the day on which the pair was made.
pairs as (
    select
        pairs.*,
        {{ person_class('pairs', 'newest.today') }} as person_class
    from {{ ref('int_comparison__pair') }} as pairs
    cross join newest
),

persons as (
    select
        pair,
        st,
        person_class,
        count(*) as on_any_side,
        count(case when presence = 'both' then 1 end) as on_both_sides,
        count(case when presence = 'both' and has_address then 1 end) as with_address
    from pairs
    group by pair, st, person_class
),

differences as (
    select
        differences.pair,
        pairs.st,
        pairs.person_class,
        differences.entity,
        differences.field,
        differences.difference_kind
    from {{ ref('int_comparison__field') }} as differences
    inner join pairs
        on
            differences.pair = pairs.pair
            and differences.person = pairs.person
            and pairs.presence <> 'second'
),

counted as (
    select
        pair,
        st,
        person_class,
        entity,
        field,
        {% for kind in ['equal_after_rule'] + difference_kinds() %}
        count(case when difference_kind = '{{ kind }}' then 1 end) as {{ kind }}{{ ',' if not loop.last }}
        {% endfor %}
    from differences
    group by pair, st, person_class, entity, field
),

-- Persons by which of their fields are blank: far fewer rows than persons.
blank_patterns as (
    select
        blank.pair,
        pairs.st,
        pairs.person_class,
        blank.of_person,
        blank.of_address,
        count(*) as persons
    from {{ ref('int_comparison__blank') }} as blank
    inner join pairs
        on
            blank.pair = pairs.pair
            and blank.person = pairs.person
            and pairs.presence = 'both'
    group by
        blank.pair,
        pairs.st,
        pairs.person_class,
        blank.of_person,
        blank.of_address
),

blank_fields as (
    {% for entity in ['person', 'address'] %}
    select
        pair,
        st,
        person_class,
        '{{ entity }}' as part,
        unnest(list_filter(string_split(coalesce(of_{{ entity }}, ''), '|'), lambda part: part <> '')) as field,
        persons
    from blank_patterns
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

blank as (
    select
        pair,
        st,
        person_class,
        part,
        field,
        sum(persons) as both_blank
    from blank_fields
    group by pair, st, person_class, part, field
),

combined as (
    select
        persons.pair,
        persons.st,
        persons.person_class,
        fields.entity,
        fields.field,
        case
            when fields.entity = 'Address' then persons.with_address
            when fields.field = 'nin' then persons.on_any_side
            else persons.on_both_sides
        end as there,
        cast(coalesce(blank.both_blank, 0) as bigint) as both_blank,
        {% for kind in ['equal_after_rule'] + difference_kinds() %}
        coalesce(counted.{{ kind }}, 0) as {{ kind }}{{ ',' if not loop.last }}
        {% endfor %}
    from persons
    inner join fields
        on fields.persontjenesten_has_it or persons.pair not like '%persontjenesten%'
    left join counted
        on
            persons.pair = counted.pair
            and persons.st is not distinct from counted.st
            and persons.person_class = counted.person_class
            and fields.entity = counted.entity
            and fields.field = counted.field
    left join blank
        on
            persons.pair = blank.pair
            and persons.st is not distinct from blank.st
            and persons.person_class = blank.person_class
            and case fields.entity when 'Address' then 'address' else 'person' end = blank.part
            and fields.field = blank.field
),

with_differences as (
    select
        *,
        {{ difference_kinds() | join(' + ') }} as different
    from combined
),

final as (
    select
        pair,
        st,
        person_class,
        entity,
        field,
        there - both_blank as compared,
        both_blank,
        there - both_blank - different as equal,
        different,
        different - derived as causes,
        equal_after_rule,
        {{ difference_kinds() | join(', ') }}
    from with_differences
)

select * from final
