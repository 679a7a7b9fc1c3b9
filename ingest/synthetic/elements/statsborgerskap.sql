select person_id, 1 as ordinal, true as is_current, coalesce(immigration_date, birth_date) as valid_from,
    null as valid_to, null as adresse_id,
    concat_ws(',', text_member('statsborgerskap', citizenship), text_member('ervervsdato',
        cast(case when citizenship = 'NOR' then coalesce(immigration_date, birth_date) else birth_date end as varchar)))
        as body
from subject
union all
select person_id, 2, true, days_after(birth_date, 6600), null, null,
    concat_ws(',', text_member('statsborgerskap', origin_country),
        text_member('ervervsdato', cast(days_after(birth_date, 6600) as varchar)))
from subject
where has_second_citizenship and citizenship = 'NOR' and age > 20 and death_date is null
