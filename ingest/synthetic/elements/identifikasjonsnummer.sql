-- The number in use; before it a D-number that became a foedselsnummer; numbers taken over from a dublett.
select person_id, 3 as ordinal, status <> 'opphoert' or not is_dublett_record as is_current,
    birth_date as valid_from, null as valid_to, null as adresse_id,
    concat_ws(',',
        text_member('status', case when status = 'opphoert' then 'opphoert' else 'iBruk' end),
        text_member('foedselsEllerDNummer', nin),
        text_member('identifikatortype', case when has_d_number then 'dNummer' else 'foedselsnummer' end)) as body
from subject
union all
select person_id, 1, false, immigration_date, not_later(days_after(immigration_date, 200)), null,
    concat_ws(',', text_member('status', 'opphoert'), text_member('foedselsEllerDNummer', former_nin),
        text_member('identifikatortype', 'dNummer'))
from subject
where former_nin is not null
union all
select person_id, 2, false, birth_date, days_after(today(), -100), null,
    concat_ws(',', text_member('status', 'opphoert'), text_member('foedselsEllerDNummer', dublett_nin),
        text_member('identifikatortype', 'foedselsnummer'))
from subject
where dublett_nin is not null
