-- The present name; the name before a marriage; a first name given later than at birth.
select person_id, 3 as ordinal, true as is_current,
    case when took_spouses_name then marriage_date else coalesce(immigration_date, birth_date) end as valid_from,
    null as valid_to, null as adresse_id,
    concat_ws(',', text_member('fornavn', fornavn), text_member('mellomnavn', mellomnavn),
        text_member('etternavn', etternavn),
        text_member('forkortetNavn', left(upper(etternavn) || ' ' || upper(fornavn), 40))) as body
from subject
union all
select person_id, 2, false, birth_date, marriage_date, null,
    concat_ws(',', text_member('fornavn', fornavn), text_member('mellomnavn', mellomnavn),
        text_member('etternavn', birth_name))
from subject
where took_spouses_name
union all
select person_id, 1, false, birth_date, days_after(birth_date, 60), null,
    concat_ws(',', text_member('fornavn', 'Barn'), text_member('etternavn', birth_name))
from subject
where not is_born_abroad and birth_date >= date '1990-01-01' and u(person_id, 'named late') < 0.05
