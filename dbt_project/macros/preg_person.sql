{#-
    The fields of PREG's person, each rule once, for whichever source the persons come from: a select of
    `extra_columns` (further columns of `persons`) and the fields in the order of field_mapping.csv. The relation
    `persons` has the columns below, as stg_freg__person and stg_persontjenesten__person take them from the source, the
    values in its words. Of a person from Freg, int_preg__person adds the number in use and replaces retired numbers.

    number                   the number in use, of a record that has none the last it had
    former_number            the number that it replaced (`record.former_number`)
    given_name, middle_name, family_name, short_name (forkortetNavn), name_valid_from, family_name_before_marriage
    birth_date, deceased_date, gender
    status, status_valid_from
    immigrated_from, immigrated_at, emigrated_to, emigrated_at
    marital_status, marital_status_date, last_related_by_marital_status, spouse
    mother, father, co_mother
    citizenship, citizenship_from
    responsibility_types (a list), latest_responsibility, responsibility_from: parental responsibility for the person
    is_deprived_of_legal_authority, deprived_of_legal_authority_from
    residence_permit_type, stay_from, immigration_authorities_number

    source: freg or persontjenesten, whose values code_list.csv translates. with_values: also `<field>_value`, the source's own
    value of a recoded field, by which the comparison explains a difference.
-#}
{% macro preg_person(persons, source, extra_columns, with_values=false) -%}
    {%- set parents = {
        'freg': {'both': 'felles', 'mother': 'mor', 'others': ['far', 'medmor']},
        'persontjenesten': {'both': 'Joint', 'mother': 'Mother', 'others': ['Father', 'CoMother']},
    }[source] -%}
    select
        {%- for column in extra_columns %}
        persons.{{ column }},
        {%- endfor %}
        persons.number as nin,
        persons.former_number as old_nin,
        -- A person is shown once, by the present number, which nothing has replaced; a retired number has a row of its own in
        -- preg_person_retired, with the number that replaced it.
        cast(null as varchar) as new_nin,
        persons.given_name,
        persons.middle_name,
        -- Of a name of which only the shortened form is known (family name first, at most 25 characters) all of it, since it
        -- cannot be taken apart.
        coalesce(persons.family_name, case when persons.given_name is null then persons.short_name end) as sn,
        persons.birth_date as date_of_birth,
        cast(reg_status.code as integer) as reg_status,
        -- Of a dead person, the day of death.
        case
            when reg_status.code = '5' then coalesce(persons.deceased_date, persons.status_valid_from)
            else persons.status_valid_from
        end as date_status,
        cast(moved_country.ssb_landkode as integer) as status_country_code,
        -- 0 of anyone who has none; a value that the list does not have is no code.
        cast(case when persons.marital_status is null then '0' else marital_status.code end as integer) as marital_status,
        persons.marital_status_date as date_marital_status,
        persons.mother as mothers_nin,
        -- A co-mother (medmor) counts as a parent and stands where the father would.
        coalesce(persons.father, persons.co_mother) as fathers_nin,
        -- Kept after divorce and death: the last person whom the history of civil status names, else the present relation.
        coalesce(persons.last_related_by_marital_status, persons.spouse) as spouse_nin,
        citizen_country.ssb_landkode as citizenship,
        -- PREG left it blank, for everybody; so it did the two of parental responsibility below.
        cast(null as varchar) as citizenship_code,
        persons.citizenship_from as date_citizenship,
        custody.code as custody,
        persons.responsibility_from as date_custody,
        cast(null as integer) as parental_responsibility,
        cast(null as date) as date_parental_responsibility,
        case when persons.is_deprived_of_legal_authority then 'J' end as without_legal_capacity,
        persons.deprived_of_legal_authority_from as date_without_legal_capacity,
        work_permit.code as work_permit,
        persons.stay_from as date_work_permit,
        persons.immigration_authorities_number as duf_no,
        cast(case when persons.gender is null then '0' else gender.code end as integer) as gender,
        -- The family name at the first marriage, where it is another than the present one, whatever the letter case. (Freg's
        -- originaltNavn is the name in its original letters before transliteration: another thing.)
        case
            when lower(persons.family_name_before_marriage) <> lower(persons.family_name)
                then persons.family_name_before_marriage
        end as maiden_name,
        persons.name_valid_from as date_when_name_registered
        {%- if with_values %},
        persons.status as reg_status_value,
        persons.moved_country as status_country_code_value,
        persons.marital_status as marital_status_value,
        persons.citizenship as citizenship_value,
        persons.responsibility as custody_value,
        persons.residence_permit_type as work_permit_value,
        persons.gender as gender_value
        {%- endif %}
    from (
        select
            *,
            -- Moved to or from: the later of the present immigration and the present emigration.
            case
                when immigrated_from is null then emigrated_to
                when emigrated_to is null then immigrated_from
                when immigrated_at > emigrated_at then immigrated_from
                else emigrated_to
            end as moved_country,
            -- Shared where one entry says so, or where both parents have an entry of their own; else what the latest says.
            case
                when
                    list_contains(responsibility_types, '{{ parents.both }}')
                    or (
                        list_contains(responsibility_types, '{{ parents.mother }}')
                        and list_has_any(responsibility_types, ['{{ parents.others | join("', '") }}'])
                    )
                    then '{{ parents.both }}'
                else latest_responsibility
            end as responsibility
        from {{ persons }}
    ) as persons
    left join {{ ref('code_list') }} as reg_status
        on reg_status.code_list = 'RegStatus' and persons.status = reg_status.{{ source }}_value
    left join {{ ref('code_list') }} as marital_status
        on marital_status.code_list = 'MaritalStatus' and persons.marital_status = marital_status.{{ source }}_value
    left join {{ ref('code_list') }} as custody
        on custody.code_list = 'Custody' and persons.responsibility = custody.{{ source }}_value
    left join {{ ref('code_list') }} as work_permit
        on work_permit.code_list = 'WorkPermit' and persons.residence_permit_type = work_permit.{{ source }}_value
    left join {{ ref('code_list') }} as gender
        on gender.code_list = 'Gender' and persons.gender = gender.{{ source }}_value
    left join {{ ref('landkode') }} as moved_country on persons.moved_country = moved_country.iso_alfa3
    left join {{ ref('landkode') }} as citizen_country on persons.citizenship = citizen_country.iso_alfa3
{%- endmacro %}
