-- The postal address, of each state of a person, of anyone who has one besides where the person lives: in Norway, else
-- abroad. None of a protected person's, none that is itself protected or a client address, and none that goes to a
-- protected place.
{{ rebuilt_for_affected('person_nin', 'int_affected__person') }}
with entries as (
    select
        entries.*,
        states.person_nin,
        row_number() over (
            partition by entries.document_number
            order by
                record.address_type_rank(entries.address_type),
                entries.starts_on desc nulls last,
                entries.registered_at desc nulls last
        ) as row_rank
    from {{ ref('int_address__entry') }} as entries
    inner join {{ ref('int_person__state') }} as states on entries.document_number = states.document_number
    inner join {{ ref('int_person__protection') }} as protection
        on states.document_number = protection.document_number
    left join {{ ref('int_address__protected_place') }} as protected_places
        on entries.place_key = protected_places.place_key and protected_places.is_protected
    where
        entries.is_current
        and entries.address_type in ('postadresse', 'postadresseIUtlandet')
        and protection.grade is null
        and coalesce(entries.grade, 'ugradert') = 'ugradert'
        and protected_places.place_key is null
        and {{ only_affected('states.person_nin', ref('int_affected__person')) }}
),

final as (
    select
        document_number,
        person_nin,
        {{ address_lines('entries') }} as lines,
        postal_code,
        postal_place,
        case when is_abroad then country end as country_abroad,
        starts_on,
        {{ built_after() }}
    from entries
    where row_rank = 1
)

select * from final
