-- Unmarried, then what came after; a separation or divorce some years after the wedding, widowhood at the death.
with wedded as (
    select *, coalesce(marriage_date, not_later(days_after(birth_date, 9500))) as wedding
    from subject
    where sivilstand is not null
),
dated as (
    select *,
        not_later(greatest(
            wedding,
            case
                when sivilstand in ('enkeEllerEnkemann', 'gjenlevendePartner')
                    then coalesce(first_death_of_couple, days_after(today(), -700))
                else days_after(wedding, 90)
            end
        )) as since_last
    from wedded
)
select person_id, 3 as ordinal, true as is_current,
    case when sivilstand = 'ugift' then birth_date
        when sivilstand in ('gift', 'registrertPartner') then wedding
        else since_last end as valid_from,
    null as valid_to, null as adresse_id,
    concat_ws(',',
        text_member('sivilstand', sivilstand),
        case when sivilstand <> 'ugift' then text_member('sivilstandsdato', cast(
            case when sivilstand in ('gift', 'registrertPartner') then wedding else since_last end as varchar)) end,
        text_member('relatertVedSivilstand', spouse_nin)) as body
from dated
union all
select person_id, 2, false, wedding, since_last, null,
    concat_ws(',',
        text_member('sivilstand', case when sivilstand in ('separertPartner', 'skiltPartner', 'gjenlevendePartner')
            then 'registrertPartner' else 'gift' end),
        text_member('sivilstandsdato', cast(wedding as varchar)),
        text_member('relatertVedSivilstand', spouse_nin))
from dated
where sivilstand not in ('ugift', 'gift', 'registrertPartner', 'uoppgitt')
union all
select person_id, 1, false, birth_date, wedding, null, text_member('sivilstand', 'ugift')
from dated
where sivilstand <> 'ugift'
