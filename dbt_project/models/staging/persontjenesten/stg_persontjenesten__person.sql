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
        persontjenesten.current(norwegianIdentificationNumber) as current_numbers,
        -- The latest day on which any of this was registered.
        greatest(
            {% for element in dated %}
            list_max(list_transform({{ element }}, lambda entry: entry.registeredAt)){{ ',' if not loop.last }}
            {% endfor %}
        ) as registered_at,
        {% for element in lists %}
        persontjenesten.current({{ element }}) as {{ element }}{{ ',' if not loop.last }}
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
            persontjenesten.latest(
                list_filter(numbers, lambda entry: entry.status = 'InUse' and persontjenesten.is_current(entry))
            ),
            persontjenesten.latest(list_filter(numbers, lambda entry: entry.status = 'InUse')),
            persontjenesten.latest(current_numbers),
            persontjenesten.latest(numbers)
        ) as number,
        persontjenesten.latest(name) as name,
        persontjenesten.latest(status) as status,
        persontjenesten.latest(maritalStatus) as marital_status,
        coalesce(
            persontjenesten.latest(list_filter(citizenship, lambda entry: entry.countryCode = 'NOR')),
            persontjenesten.latest(citizenship)
        ) as citizenship,
        persontjenesten.latest(immigrationToNorway) as immigration,
        persontjenesten.latest(emigrationFromNorway) as emigration,
        persontjenesten.latest(residencePermit) as residence_permit,
        persontjenesten.latest(gender) as gender,
        persontjenesten.latest(addressProtection) as address_protection,
        persontjenesten.latest(birth) as birth,
        persontjenesten.latest(deprivedLegalAuthority) as deprived_legal_authority,
        persontjenesten.latest(immigrationAuthoritiesIdentificationNumber) as immigration_authorities_number,
        list_filter(
            parentalResponsibility,
            lambda entry: entry.subjectOfResponsibility is null
                and entry.subjectOfResponsibilityWithoutIdentifier is null
        ) as responsibility_for_the_person,
        persontjenesten.relative(familyRelation, 'Mother') as mother,
        persontjenesten.relative(familyRelation, 'Father') as father,
        persontjenesten.relative(familyRelation, 'CoMother') as co_mother,
        persontjenesten.relative(familyRelation, 'SpouseOrPartner') as spouse,
        list_transform(
            list_filter(
                all_marital_statuses,
                lambda entry: record.identifier(entry.relatedByMaritalStatus) is not null
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
        text.normalized(name.givenname) as given_name,
        text.normalized(name.middlename) as middle_name,
        text.normalized(name.familyname) as family_name,
        text.normalized(name.shortname) as short_name,
        record.local_date(name.validFrom) as name_valid_from,
        text.normalized(
            persontjenesten.latest(
                list_filter(all_names, lambda entry: entry.validFrom < first_marriage)
            ).familyname
        ) as family_name_before_marriage,
        record.local_date(birth.birthDate) as birth_date,
        record.local_date(death.deceasedDate) as deceased_date,
        gender.gender,
        status.status,
        record.local_date(status.validFrom) as status_valid_from,
        immigration.immigratedfromcountry as immigrated_from,
        immigration.validfrom as immigrated_at,
        emigration.emigratedtocountry as emigrated_to,
        coalesce(emigration.validfrom, emigration.emigratedmovedate) as emigrated_at,
        marital_status.status as marital_status,
        coalesce(record.local_date(marital_status.statusDate), record.local_date(marital_status.validFrom))
            as marital_status_date,
        record.last_spouse(spouses) as last_related_by_marital_status,
        mother.relatedperson as mother,
        father.relatedperson as father,
        co_mother.relatedperson as co_mother,
        spouse.relatedperson as spouse,
        citizenship.countrycode as citizenship,
        coalesce(record.local_date(citizenship.aquiredDate), record.local_date(citizenship.validFrom))
            as citizenship_from,
        list_transform(responsibility_for_the_person, lambda entry: entry.responsibilityType) as responsibility_types,
        persontjenesten.latest(responsibility_for_the_person).responsibilitytype as latest_responsibility,
        record.local_date(persontjenesten.latest(responsibility_for_the_person).validFrom) as responsibility_from,
        deprived_legal_authority is not null as is_deprived_of_legal_authority,
        record.local_date(deprived_legal_authority.validFrom) as deprived_of_legal_authority_from,
        residence_permit.residencepermittype as residence_permit_type,
        record.local_date(residence_permit.stayFrom) as stay_from,
        text.normalized(immigration_authorities_number.identificationnumber) as immigration_authorities_number,
        case
            when address_protection is not null
                then persontjenesten.person_grade(address_protection.protectionlevel)
        end as protection_level,
        record.local_date(address_protection.validFrom) as protection_level_from
    from picked
)

select * from final
