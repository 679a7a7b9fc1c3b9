select person_id, 1 as ordinal, true as is_current, birth_date as valid_from, null as valid_to, null as adresse_id,
    concat_ws(',', text_member('foedselsinstitusjonsnavn', 'Fødeavdelingen'),
        plain_member('rekkefoelgenummer', case when twin_of is null then 1 else 2 end)) as body
from subject
where not is_born_abroad and birth_date >= date '2000-01-01'
