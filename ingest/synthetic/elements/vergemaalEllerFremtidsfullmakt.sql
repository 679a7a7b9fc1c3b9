select person_id, 1 as ordinal, true as is_current, days_after(today(), -800) as valid_from, null as valid_to,
    null as adresse_id,
    concat_ws(',',
        text_member('vergemaaltype', case when age < 18 then 'mindreaarig' else 'voksen' end),
        text_member('embete', 'statsforvalterenIOsloOgViken'),
        object_member('verge', concat_ws(',', text_member('foedselsEllerDNummer', coalesce(mother_nin, father_nin, spouse_nin)),
            text_member('omfang', 'personligeOgOekonomiskeInteresser')))) as body
from subject
where status = 'bosatt' and coalesce(mother_nin, father_nin, spouse_nin) is not null and u(person_id, 'guardian') < 0.006
