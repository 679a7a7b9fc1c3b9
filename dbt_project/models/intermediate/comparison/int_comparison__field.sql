-- Every field in which the sides of a pair are not literally the same, with the kind of difference, and of one that
-- follows from another the field that causes it; generated from field_mapping. Persons whom one side lacks, and
-- second records of one person, are rows of the field nin.
{{ rebuilt_for_affected('person', 'int_affected__pair') }}
with of_persons as (
    {{ differing_fields('person') }}
),

of_addresses as (
    {{ differing_fields('address') }}
),

differing as (
    select
        *,
        'Address' as part
    from of_addresses
    union all
    select
        *,
        'Person' as part
    from of_persons
),

of_fields as (
    select
        differing.*,
        mapping.preg_entity as entity,
        mapping.column_name as field,
        mapping.compare_rule,
        -- The keys of the joins; a condition on this side of a left join would make it compare every pair.
        case when mapping.compare_rule in ('same_person', 'relative') then differing.compared.left_value end
            as left_number,
        case when mapping.compare_rule in ('same_person', 'relative') then differing.compared.right_value end
            as right_number
    from differing
    inner join {{ ref('field_mapping') }} as mapping
        on
            differing.compared.field = mapping.column_name
            and differing.part = case mapping.preg_entity when 'Address' then 'Address' else 'Person' end
),

values_of_fields as (
    select
        differing.pair,
        differing.person,
        differing.entity,
        differing.field,
        differing.compare_rule,
        differing.compared.left_value,
        differing.compared.right_value,
        -- For an unknown code the source's own value is shown; for a kind of address it may disclose what is protected.
        case when differing.field <> 'postal_type' then differing.compared.left_own end as left_own,
        case when differing.field <> 'postal_type' then differing.compared.right_own end as right_own,
        differing.compared.left_own is not null and differing.compared.left_value is null
        or differing.compared.right_own is not null and differing.compared.right_value is null as is_unknown_code,
        -- One side gives the bydel that serves, where the other gives one without an administration of its own.
        (
            differing.compared.right_value = differing.compared.right_meaning
            and differing.left_district_code in (select bydelsnummer from {{ ref('bydel_uten_administrasjon') }})
        )
        or (
            differing.compared.left_value = differing.compared.left_meaning
            and differing.right_district_code in (select bydelsnummer from {{ ref('bydel_uten_administrasjon') }})
        ) as is_another_meaning,
        differing.is_changed_since,
        differing.is_on_one_side,
        differing.part = 'Address' and differing.is_hidden as is_hidden,
        -- Values of a hidden address, and of the address of somebody whose protection we do not know, are not to be
        -- shown, whichever side has them: they are here because they say what follows from what. The kind of
        -- such an address is shown where it discloses no more than that it is protected.
        differing.part = 'Person'
        or (differing.is_known and not differing.is_hidden)
        or (
            differing.field = 'postal_type'
            and {{ tells_only_protection('differing.compared.left_value') }}
            and {{ tells_only_protection('differing.compared.right_value') }}
        ) as is_shown,
        left_numbers.nin = right_numbers.nin as is_same_person,
        -- Different numbers of what is one kommune today: of the lists of different years.
        differing.left_st <> differing.right_st
        and coalesce(left_kommune.present_kommunenummer, differing.left_st)
        = coalesce(right_kommune.present_kommunenummer, differing.right_st) as is_same_kommune
    from of_fields as differing
    left join {{ ref('person_number') }} as left_numbers on differing.left_number = left_numbers.number
    left join {{ ref('person_number') }} as right_numbers on differing.right_number = right_numbers.number
    left join {{ ref('int_kommune__present') }} as left_kommune on differing.left_st = left_kommune.kommunenummer
    left join {{ ref('int_kommune__present') }} as right_kommune on differing.right_st = right_kommune.kommunenummer
),

-- What kind of difference two values are, the first that applies; of what is left, `format` and `derived` are decided
-- below (`found`, `final`). See docs/comparison.md.
kinds as (
    select
        *,
        case
            when comparison.equal_by_rule(compare_rule, left_value, right_value, is_same_person) then 'equal_after_rule'
            -- The address is hidden on a side.
            when is_hidden then 'protection'
            -- A side has registered a change after the other side was read.
            when is_changed_since then 'timing'
            -- A side has a value that no code list knows.
            when is_unknown_code then 'code_list'
            when compare_rule = 'same_person' and is_same_person then 'identity'
            when right_value is null then 'only_left'
            when left_value is null then 'only_right'
            when compare_rule in ('kommune', 'kommune_name') and is_same_kommune then 'code_list'
            when is_another_meaning then 'meaning'
            -- Both sides looked it up in Matrikkelen, with different results.
            when compare_rule in ('enriched', 'enriched_name') then 'enrichment'
            else 'unexplained'
        end as kind
    from values_of_fields
),

found as (
    select
        pair,
        person,
        entity,
        field,
        coalesce(left_value, left_own) as left_value,
        coalesce(right_value, right_own) as right_value,
        case
            when
                kind = 'unexplained'
                and text.same_letters(coalesce(left_value, left_own), coalesce(right_value, right_own))
                then 'format'
            else kind
        end as difference_kind,
        is_shown,
        is_on_one_side
    from kinds
),

caused as (
    {{ causes_of_differences('found', ref('field_mapping')) }}
),

one_sided as (
    select
        pair,
        person,
        'Person' as entity,
        'nin' as field,
        left_number as left_value,
        right_number as right_value,
        case presence
            when 'left' then 'only_left'
            when 'right' then 'only_right'
            else 'identity'
        end as difference_kind,
        cast(null as varchar) as caused_by
    from {{ ref('int_comparison__pair') }} as pairs
    where presence <> 'both' and {{ only_just_built('pairs') }}
),

final as (
    select
        found.pair,
        found.person,
        found.entity,
        found.field,
        case when found.is_shown then found.left_value end as left_value,
        case when found.is_shown then found.right_value end as right_value,
        case when caused.cause is null then found.difference_kind else 'derived' end as difference_kind,
        caused.cause as caused_by
    from found
    left join caused
        on
            found.pair = caused.pair
            and found.person = caused.person
            and found.entity = caused.entity
            and found.field = caused.field
    union all
    select * from one_sided
)

select * from final
