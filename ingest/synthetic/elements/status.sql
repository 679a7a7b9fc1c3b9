-- The present status and what was before it: resident before death and emigration, temporary before settling.
select person_id, 2 as ordinal, true as is_current,
    case status
        when 'doed' then death_date
        when 'utflyttet' then emigration_date
        when 'inaktiv' then not_later(days_after(immigration_date, 1826))
        when 'opphoert' then days_after(today(), -100)
        when 'forsvunnet' then days_after(today(), -2000)
        else case when is_immigrant or has_d_number then immigration_date else birth_date end
    end as valid_from,
    null as valid_to, null as adresse_id, text_member('status', status) as body
from subject
union all
select person_id, 1, false, coalesce(immigration_date, birth_date),
    case status
        when 'doed' then death_date
        when 'utflyttet' then emigration_date
        when 'inaktiv' then not_later(days_after(immigration_date, 1826))
        else days_after(today(), -2000)
    end,
    null,
    text_member('status', case when has_d_number then 'midlertidig' else 'bosatt' end)
from subject
where status in ('doed', 'utflyttet', 'inaktiv', 'forsvunnet')
