select person_id, 1 as ordinal, true as is_current, immigration_date as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',',
        text_member('oppholdstillatelse', case
            when u(person_id, 'permit') < 0.5 then 'permanent'
            when u(person_id, 'permit') < 0.97 then 'midlertidig'
            else 'opplysningMangler' end),
        text_member('oppholdFra', cast(immigration_date as varchar)),
        case when u(person_id, 'permit') >= 0.5
            then text_member('oppholdTil', cast(days_after(today(), 400) as varchar)) end) as body
from subject
where citizenship <> 'NOR' and immigration_date is not null
    and origin_country in ('SYR', 'SOM', 'ERI', 'IRQ', 'UKR', 'PAK', 'THA', 'PHL', 'IND', 'USA')
