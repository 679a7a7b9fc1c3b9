-- The register with its codes in words, Norwegian (_no) and English (_en), and with keys of the address and the dwelling.
create or replace view preg_person_labelled as
    with country as (
        -- SSB has one code for several of ISO's countries: the name is that of the first.
        select ssb_landkode, min_by(landnavn, iso_alfa3) as landnavn
        from landkode
        group by ssb_landkode
    )

    select
        preg_person.*,
        reg_status_word.word_no as reg_status_no,
        reg_status_word.word_en as reg_status_en,
        gender_word.word_no as gender_no,
        gender_word.word_en as gender_en,
        marital_status_word.word_no as marital_status_no,
        marital_status_word.word_en as marital_status_en,
        custody_word.word_no as custody_no,
        custody_word.word_en as custody_en,
        work_permit_word.word_no as work_permit_no,
        work_permit_word.word_en as work_permit_en,
        legal_capacity_word.word_no as without_legal_capacity_no,
        legal_capacity_word.word_en as without_legal_capacity_en,
        citizenship_country.landnavn as citizenship_country,
        status_country.landnavn as status_country
    from preg_person
    left join preg_code as reg_status_word
        on reg_status_word.code_list = 'RegStatus' and reg_status_word.code = cast(preg_person.reg_status as varchar)
    left join preg_code as gender_word
        on gender_word.code_list = 'Gender' and gender_word.code = cast(preg_person.gender as varchar)
    left join preg_code as marital_status_word
        on marital_status_word.code_list = 'MaritalStatus'
            and marital_status_word.code = cast(preg_person.marital_status as varchar)
    left join preg_code as custody_word
        on custody_word.code_list = 'Custody' and custody_word.code = preg_person.custody
    left join preg_code as work_permit_word
        on work_permit_word.code_list = 'WorkPermit' and work_permit_word.code = preg_person.work_permit
    left join preg_code as legal_capacity_word
        on legal_capacity_word.code_list = 'WithoutLegalCapacity'
            and legal_capacity_word.code = preg_person.without_legal_capacity
    left join country as citizenship_country on citizenship_country.ssb_landkode = preg_person.citizenship
    left join country as status_country
        on status_country.ssb_landkode = lpad(cast(preg_person.status_country_code as varchar), 3, '0');

comment on view preg_person_labelled is
    'preg_person with its codes in words, Norwegian and English, and its countries by name: one row a person.';
comment on column preg_person_labelled.reg_status_no is 'reg_status in Norwegian.';
comment on column preg_person_labelled.reg_status_en is 'reg_status in English.';
comment on column preg_person_labelled.gender_no is 'gender in Norwegian.';
comment on column preg_person_labelled.gender_en is 'gender in English.';
comment on column preg_person_labelled.marital_status_no is 'marital_status in Norwegian.';
comment on column preg_person_labelled.marital_status_en is 'marital_status in English.';
comment on column preg_person_labelled.custody_no is 'custody in Norwegian.';
comment on column preg_person_labelled.custody_en is 'custody in English.';
comment on column preg_person_labelled.work_permit_no is 'work_permit in Norwegian.';
comment on column preg_person_labelled.work_permit_en is 'work_permit in English.';
comment on column preg_person_labelled.without_legal_capacity_no is 'without_legal_capacity in Norwegian.';
comment on column preg_person_labelled.without_legal_capacity_en is 'without_legal_capacity in English.';
comment on column preg_person_labelled.citizenship_country is 'The country of citizenship, by SSB''s name in Norwegian.';
comment on column preg_person_labelled.status_country is
    'The country of status_country_code, by SSB''s name in Norwegian.';

create or replace view preg_address_labelled as
    select
        preg_address.*,
        postal_type_word.word_no as postal_type_no,
        postal_type_word.word_en as postal_type_en,
        address_key(st, street_name, house_number, house_letter, cadastral_number, property_number) as address_key,
        dwelling_key(
            st, street_name, house_number, house_letter, cadastral_number, property_number, apartment_number
        ) as dwelling_key
    from preg_address
    left join preg_code as postal_type_word
        on postal_type_word.code_list = 'PostalType'
            and postal_type_word.code = cast(preg_address.postal_type as varchar);

comment on view preg_address_labelled is
    'preg_address with the kind of address in words, and with keys of the address and the dwelling: one row an address.';
comment on column preg_address_labelled.postal_type_no is 'postal_type in Norwegian.';
comment on column preg_address_labelled.postal_type_en is 'postal_type in English.';
comment on column preg_address_labelled.address_key is
    'The same for all who have or had this address, in every release; blank where the place is not known.';
comment on column preg_address_labelled.dwelling_key is
    'The same for all of one dwelling, as household_member.household; blank where the place is not known.';
