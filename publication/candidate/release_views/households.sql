-- Who lives together: residents (RegStatus 1) at the same dwelling, by kommune, street or plot, and dwelling number. Where
-- Freg gives no dwelling number, all who live at the address are together. Whose address is hidden is in no household.
create or replace view household_member as
    with residents as (
        select
            preg_person.nin,
            preg_person.date_of_birth,
            preg_person.gender,
            dwelling_key(
                preg_address.st, preg_address.street_name, preg_address.house_number, preg_address.house_letter,
                preg_address.cadastral_number, preg_address.property_number, preg_address.apartment_number
            ) as household
        from preg_address
        inner join preg_person using (nin)
        where
            preg_address.current_address
            and preg_address.address_type = 'bostedsadresse'
            and preg_address.enrichment_method <> 'hidden'
            and preg_address.st is not null
            and (preg_address.street_name is not null or preg_address.cadastral_number is not null)
            and preg_person.reg_status = 1
    )

    select household, nin, date_of_birth, gender, count(*) over (partition by household) as members
    from residents;

comment on view household_member is 'One row per resident whose dwelling is known, with whom they live together.';
comment on column household_member.household is 'The same for all of one dwelling, in every release; says nothing by itself.';
comment on column household_member.nin is 'The person''s number.';
comment on column household_member.date_of_birth is 'As preg_person.date_of_birth.';
comment on column household_member.gender is 'As preg_person.gender.';
comment on column household_member.members is 'How many live there.';
