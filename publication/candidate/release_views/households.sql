-- Who lives together: residents (RegStatus 1) at the same dwelling, by kommune, street or plot, and dwelling number. Where
-- Freg gives no dwelling number, all who live at the address are together. Whose address is hidden is in no household.
create or replace view household_member as
    with residents as (
        select
            nin,
            date_of_birth,
            gender,
            dwelling_key(
                st, street_name, house_number, house_letter, cadastral_number, property_number, apartment_number
            ) as household
        from resident_address
    )

    select household, nin, date_of_birth, gender, count(*) over (partition by household) as members
    from residents
    where household is not null;

comment on view household_member is 'One row per resident whose dwelling is known, with whom they live together.';
comment on column household_member.household is 'The same for all of one dwelling, in every release; says nothing by itself.';
comment on column household_member.nin is 'The person''s number.';
comment on column household_member.date_of_birth is 'As preg_person.date_of_birth.';
comment on column household_member.gender is 'As preg_person.gender.';
comment on column household_member.members is 'How many live there.';
