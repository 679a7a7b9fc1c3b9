select person_id, 1 as ordinal, true as is_current, days_after(today(), -400) as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',',
        text_member('startdato', cast(days_after(today(), -400) as varchar)),
        text_member('fraflyttingsland', 'NOR'),
        plain_member('antallTidligereOpphold', 0)) as body
from subject
where status = 'bosatt' and age between 18 and 67 and u(person_id, 'svalbard') < 0.0005
