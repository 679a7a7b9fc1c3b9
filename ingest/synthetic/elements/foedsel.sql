-- For some who were born abroad only the year is known.
select person_id, 1 as ordinal, true as is_current, birth_date as valid_from, null as valid_to, null as adresse_id,
    concat_ws(',',
        case when not (is_born_abroad and u(person_id, 'only year') < 0.01)
            then text_member('foedselsdato', cast(birth_date as varchar)) end,
        plain_member('foedselsaar', year(birth_date)),
        case when not is_born_abroad then text_member('foedekommuneINorge', kommune.kommunenummer) end,
        text_member('foedeland', case when is_born_abroad then origin_country else 'NOR' end)) as body
from subject
left join (select kommunenummer, row_number() over (order by kommunenummer) - 1 as n from kommune) as kommune
    on kommune.n = pick(subject.person_id, 'birthplace', (select count(*) from kommune))
