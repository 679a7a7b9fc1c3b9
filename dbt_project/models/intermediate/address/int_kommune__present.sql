-- One row per kommunenummer that is no longer in use: the kommune of today that its area belongs to, by the list of
-- changes (`kommune_endring`). Where the area was divided it is in no one kommune: `present_kommunenummer` is blank.
-- Where `is_renumbered` only the number has changed, from then to today: adressekoder, gardsnumre and grunnkretser
-- are the same. A number that was used twice is the later kommune.
{{ rebuilt_with_everything() }}
with recursive changes as (
    select * from {{ ref('kommune_endring') }}
),

followed as (
    select
        kommunenummer,
        etterfoelger,
        endring = 'nytt nummer' as is_renumbered,
        1 as step
    from changes

    union all

    select
        followed.kommunenummer,
        changes.etterfoelger,
        followed.is_renumbered and changes.endring = 'nytt nummer' as is_renumbered,
        followed.step + 1 as step
    from followed
    inner join changes on followed.etterfoelger = changes.kommunenummer
    -- No kommune has changed as often; a circle in the list ends here, and a test of the list finds it.
    where followed.step < 10
),

ends as (
    select distinct
        followed.kommunenummer,
        followed.etterfoelger,
        followed.is_renumbered
    from followed
    left join changes on followed.etterfoelger = changes.kommunenummer
    where changes.kommunenummer is null
),

final as (
    select
        kommunenummer,
        case when count(*) = 1 then min(etterfoelger) end as present_kommunenummer,
        count(*) = 1 and min(case when is_renumbered then 1 else 0 end) = 1 as is_renumbered
    from ends
    group by kommunenummer
)

select * from final
{{ only_when_whole() }}
