-- Where residents live: the present residence of each (RegStatus 1), by the kommune of today, with what is counted of the
-- person. Whose address is hidden is not there: he or she is in no kommune.
create or replace view resident_address as
    select preg_address.*, preg_person.date_of_birth, preg_person.gender
    from preg_address
    inner join preg_person using (nin)
    where
        preg_address.current_address
        and preg_address.address_type = 'bostedsadresse'
        and preg_address.enrichment_method <> 'hidden'
        and preg_person.reg_status = 1;

comment on view resident_address is
    'The present residence of each resident whose address is not hidden: the columns of preg_address, and who lives there.';
comment on column resident_address.date_of_birth is 'As preg_person.date_of_birth.';
comment on column resident_address.gender is 'As preg_person.gender.';
