-- One row a person: of each element the entry that holds now.
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
        {{ persontjenesten_current('norwegianIdentificationNumber') }} as current_numbers,
        {{ greatest_known(dated_elements(dated)) }} as registered_at,
        {% for element in lists %}
        {{ persontjenesten_current(element) }} as {{ element }}{{ ',' if not loop.last }}
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
            {{ persontjenesten_latest(list_filter('numbers', 'entry',
                "entry.status = 'InUse' and coalesce(entry.isValid, entry.validTo is null)")) }},
            {{ persontjenesten_latest(list_filter('numbers', 'entry', "entry.status = 'InUse'")) }},
            {{ persontjenesten_latest('current_numbers') }},
            {{ persontjenesten_latest('numbers') }}
        ) as number,
        {{ persontjenesten_latest('name') }} as name,
        {{ persontjenesten_latest('status') }} as status,
        {{ persontjenesten_latest('maritalStatus') }} as marital_status,
        coalesce(
            {{ persontjenesten_latest(list_filter('citizenship', 'entry', "entry.countryCode = 'NOR'")) }},
            {{ persontjenesten_latest('citizenship') }}
        ) as citizenship,
        {{ persontjenesten_latest('immigrationToNorway') }} as immigration,
        {{ persontjenesten_latest('emigrationFromNorway') }} as emigration,
        {{ persontjenesten_latest('residencePermit') }} as residence_permit,
        {{ persontjenesten_latest('gender') }} as gender,
        {{ persontjenesten_latest('addressProtection') }} as address_protection,
        {{ persontjenesten_latest('birth') }} as birth,
        {{ persontjenesten_latest('deprivedLegalAuthority') }} as deprived_legal_authority,
        {{ persontjenesten_latest('immigrationAuthoritiesIdentificationNumber') }} as immigration_authorities_number,
        {{ list_filter('parentalResponsibility', 'entry', 'entry.subjectOfResponsibility is null'
            ' and entry.subjectOfResponsibilityWithoutIdentifier is null') }} as responsibility_for_the_person,
        {{ persontjenesten_latest(list_filter('familyRelation', 'entry', "entry.relatedPersonsRole = 'Mother'"
            ' and ' ~ real_number('entry.relatedPerson') ~ ' is not null')) }} as mother,
        {{ persontjenesten_latest(list_filter('familyRelation', 'entry', "entry.relatedPersonsRole = 'Father'"
            ' and ' ~ real_number('entry.relatedPerson') ~ ' is not null')) }} as father,
        {{ persontjenesten_latest(list_filter('familyRelation', 'entry', "entry.relatedPersonsRole = 'CoMother'"
            ' and ' ~ real_number('entry.relatedPerson') ~ ' is not null')) }} as co_mother,
        {{ persontjenesten_latest(list_filter('familyRelation', 'entry', "entry.relatedPersonsRole = 'SpouseOrPartner'"
            ' and ' ~ real_number('entry.relatedPerson') ~ ' is not null')) }} as spouse,
        {{ list_map(list_filter('all_marital_statuses', 'entry',
            real_number('entry.relatedByMaritalStatus') ~ ' is not null'), 'entry',
            'struct_pack(number := entry.relatedByMaritalStatus, since := coalesce(entry.validFrom, entry.statusDate),'
            ~ ' registered := entry.registeredAt)') }} as spouses,
        {{ list_earliest(list_map(list_filter('all_marital_statuses', 'entry',
            "entry.status not in ('Unspecified', 'Unmarried')"), 'entry',
            'coalesce(entry.statusDate, entry.validFrom)')) }} as first_marriage,
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
        {{ tidied('name.givenname') }} as given_name,
        {{ tidied('name.middlename') }} as middle_name,
        {{ tidied('name.familyname') }} as family_name,
        {{ tidied('name.shortname') }} as short_name,
        {{ local_date('name.validFrom') }} as name_valid_from,
        {{ tidied(persontjenesten_latest(list_filter('all_names', 'entry',
            'entry.validFrom < first_marriage')) ~ '.familyname') }} as family_name_before_marriage,
        {{ local_date('birth.birthDate') }} as birth_date,
        {{ local_date('death.deceasedDate') }} as deceased_date,
        gender.gender,
        status.status,
        {{ local_date('status.validFrom') }} as status_valid_from,
        immigration.immigratedfromcountry as immigrated_from,
        immigration.validfrom as immigrated_at,
        emigration.emigratedtocountry as emigrated_to,
        coalesce(emigration.validfrom, emigration.emigratedmovedate) as emigrated_at,
        marital_status.status as marital_status,
        coalesce({{ local_date('marital_status.statusDate') }}, {{ local_date('marital_status.validFrom') }})
            as marital_status_date,
        {{ list_latest('spouses', ['since', 'registered']) }}.number as last_related_by_marital_status,
        mother.relatedperson as mother,
        father.relatedperson as father,
        co_mother.relatedperson as co_mother,
        spouse.relatedperson as spouse,
        citizenship.countrycode as citizenship,
        coalesce({{ local_date('citizenship.aquiredDate') }}, {{ local_date('citizenship.validFrom') }})
            as citizenship_from,
        {{ list_map('responsibility_for_the_person', 'entry', 'entry.responsibilityType') }} as responsibility_types,
        {{ persontjenesten_latest('responsibility_for_the_person') }}.responsibilitytype as latest_responsibility,
        {{ local_date(persontjenesten_latest('responsibility_for_the_person') ~ '.validFrom') }} as responsibility_from,
        deprived_legal_authority is not null as is_deprived_of_legal_authority,
        {{ local_date('deprived_legal_authority.validFrom') }} as deprived_of_legal_authority_from,
        residence_permit.residencepermittype as residence_permit_type,
        {{ local_date('residence_permit.stayFrom') }} as stay_from,
        {{ tidied('immigration_authorities_number.identificationnumber') }} as immigration_authorities_number,
        case
            when address_protection is not null
                then {{ person_grade('address_protection.protectionlevel', persontjenesten_grades()) }}
        end as protection_level,
        {{ local_date('address_protection.validFrom') }} as protection_level_from
    from picked
)

select * from final
