-- One row per person: of each element the entry that holds now.
{%- set lists = [
    'name', 'status', 'maritalStatus', 'familyRelation', 'citizenship', 'parentalResponsibility',
    'immigrationToNorway', 'emigrationFromNorway', 'residencePermit', 'gender', 'addressProtection', 'birth',
    'deprivedLegalAuthority', 'immigrationAuthoritiesIdentificationNumber'
] %}
{%- set dated = lists + [
    'norwegianIdentificationNumber', 'residentialAddress', 'presentAddress', 'postalAddress', 'foreignPostalAddress'
] %}
with documents as (
    select * from {{ ref('stg_persontjenesten__dokument') }}
),

holding_now as (
    select
        document_number,
        id as persontjenesten_id,
        sequencenumber as sequence_number,
        death,
        name as all_names,
        maritalstatus as all_marital_statuses,
        norwegianidentificationnumber as numbers,
        build.persontjenesten_current(norwegianIdentificationNumber) as current_numbers,
        -- The latest day on which any of this was registered.
        greatest(
            {% for element in dated %}
            list_max(list_transform({{ element }}, lambda entry: entry.registeredAt)){{ ',' if not loop.last }}
            {% endfor %}
        ) as registered_at,
        {% for element in lists %}
        build.persontjenesten_current({{ element }}) as {{ element }}{{ ',' if not loop.last }}
        {% endfor %}
    from documents
),

picked as (
    select
        document_number,
        persontjenesten_id,
        sequence_number,
        registered_at,
        numbers,
        death,
        coalesce(
            build.persontjenesten_latest(
                list_filter(numbers, lambda entry: entry.status = 'InUse' and build.persontjenesten_holds(entry))
            ),
            build.persontjenesten_latest(list_filter(numbers, lambda entry: entry.status = 'InUse')),
            build.persontjenesten_latest(current_numbers),
            build.persontjenesten_latest(numbers)
        ) as number,
        build.persontjenesten_latest(name) as name,
        build.persontjenesten_latest(status) as status,
        build.persontjenesten_latest(maritalStatus) as marital_status,
        coalesce(
            build.persontjenesten_latest(list_filter(citizenship, lambda entry: entry.countryCode = 'NOR')),
            build.persontjenesten_latest(citizenship)
        ) as citizenship,
        build.persontjenesten_latest(immigrationToNorway) as immigration,
        build.persontjenesten_latest(emigrationFromNorway) as emigration,
        build.persontjenesten_latest(residencePermit) as residence_permit,
        build.persontjenesten_latest(gender) as gender,
        build.persontjenesten_latest(addressProtection) as address_protection,
        build.persontjenesten_latest(birth) as birth,
        build.persontjenesten_latest(deprivedLegalAuthority) as deprived_legal_authority,
        build.persontjenesten_latest(immigrationAuthoritiesIdentificationNumber) as immigration_authorities_number,
        list_filter(
            parentalResponsibility,
            lambda entry: entry.subjectOfResponsibility is null
                and entry.subjectOfResponsibilityWithoutIdentifier is null
        ) as responsibility_for_the_person,
        build.persontjenesten_relative(familyRelation, 'Mother') as mother,
        build.persontjenesten_relative(familyRelation, 'Father') as father,
        build.persontjenesten_relative(familyRelation, 'CoMother') as co_mother,
        build.persontjenesten_relative(familyRelation, 'SpouseOrPartner') as spouse,
        list_transform(
            list_filter(
                all_marital_statuses,
                lambda entry: build.real_number(entry.relatedByMaritalStatus) is not null
            ),
            lambda entry: struct_pack(
                number := entry.relatedByMaritalStatus,
                since := coalesce(entry.validFrom, entry.statusDate),
                registered := entry.registeredAt
            )
        ) as spouses,
        list_min(
            list_transform(
                list_filter(all_marital_statuses, lambda entry: entry.status not in ('Unspecified', 'Unmarried')),
                lambda entry: coalesce(entry.statusDate, entry.validFrom)
            )
        ) as first_marriage,
        all_names
    from holding_now
),

final as (
    select
        document_number,
        persontjenesten_id,
        sequence_number,
        registered_at,
        numbers,
        number.identificationnumber as number_in_use,
        build.tidied(name.givenname) as given_name,
        build.tidied(name.middlename) as middle_name,
        build.tidied(name.familyname) as family_name,
        build.tidied(name.shortname) as short_name,
        build.local_date(name.validFrom) as name_valid_from,
        build.tidied(
            build.persontjenesten_latest(
                list_filter(all_names, lambda entry: entry.validFrom < first_marriage)
            ).familyname
        ) as family_name_before_marriage,
        build.local_date(birth.birthDate) as birth_date,
        build.local_date(death.deceasedDate) as deceased_date,
        gender.gender,
        status.status,
        build.local_date(status.validFrom) as status_valid_from,
        immigration.immigratedfromcountry as immigrated_from,
        immigration.validfrom as immigrated_at,
        emigration.emigratedtocountry as emigrated_to,
        coalesce(emigration.validfrom, emigration.emigratedmovedate) as emigrated_at,
        marital_status.status as marital_status,
        coalesce(build.local_date(marital_status.statusDate), build.local_date(marital_status.validFrom))
            as marital_status_date,
        build.last_spouse(spouses) as last_related_by_marital_status,
        mother.relatedperson as mother,
        father.relatedperson as father,
        co_mother.relatedperson as co_mother,
        spouse.relatedperson as spouse,
        citizenship.countrycode as citizenship,
        coalesce(build.local_date(citizenship.aquiredDate), build.local_date(citizenship.validFrom))
            as citizenship_from,
        list_transform(responsibility_for_the_person, lambda entry: entry.responsibilityType) as responsibility_types,
        build.persontjenesten_latest(responsibility_for_the_person).responsibilitytype as latest_responsibility,
        build.local_date(build.persontjenesten_latest(responsibility_for_the_person).validFrom) as responsibility_from,
        deprived_legal_authority is not null as is_deprived_of_legal_authority,
        build.local_date(deprived_legal_authority.validFrom) as deprived_of_legal_authority_from,
        residence_permit.residencepermittype as residence_permit_type,
        build.local_date(residence_permit.stayFrom) as stay_from,
        build.tidied(immigration_authorities_number.identificationnumber) as immigration_authorities_number,
        case
            when address_protection is not null
                then build.persontjenesten_person_grade(address_protection.protectionlevel)
        end as protection_level,
        build.local_date(address_protection.validFrom) as protection_level_from
    from picked
)

select * from final
