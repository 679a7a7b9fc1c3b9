-- A post box, a street or free lines; the open postal address of a strengt fortrolig person is all that Freg has.
with chosen as (
    select person_id, protection, residence.postnummer, residence.poststed, fornavn, etternavn,
        days_after(today(), -100 - pick(person_id, 'postal since', 4000)) as since,
        pick(person_id, 'postal kind', 3) as kind
    from subject
    inner join residence using (dwelling_id)
    where (protection = 'strengtFortrolig' or (status = 'bosatt' and protection is null and u(person_id, 'postal') < 0.05))
        and not has_d_number
)
select person_id, 1 as ordinal, true as is_current, since as valid_from, null as valid_to, null as adresse_id,
    concat_ws(',',
        text_member('adressegradering', 'ugradert'),
        case
            when kind = 0 or protection is not null then object_member('postboksadresse', concat_ws(',',
                text_member('postboks', 'Postboks ' || (1 + pick(person_id, 'box', 2000))),
                object_member('poststed', concat_ws(',', text_member('poststedsnavn', poststed),
                    text_member('postnummer', postnummer)))))
            when kind = 1 then object_member('vegadresse', concat_ws(',',
                text_member('coAdressenavn', 'c/o ' || etternavn || ' AS'),
                text_member('adressenavn', 'Postveien'),
                object_member('adressenummer', text_member('husnummer', cast(1 + pick(person_id, 'post', 90) as varchar))),
                object_member('poststed', concat_ws(',', text_member('poststedsnavn', poststed),
                    text_member('postnummer', postnummer)))))
            else object_member('postadresseIFrittFormat', concat_ws(',',
                '"adresselinje":["v/' || fornavn || ' ' || etternavn || '","Servicekontoret"]',
                object_member('poststed', concat_ws(',', text_member('poststedsnavn', poststed),
                    text_member('postnummer', postnummer)))))
        end) as body
from chosen
