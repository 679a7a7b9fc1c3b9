-- Values of Freg that no list of ours has: codes and countries. Each is shown blank in PREG's views, and counted
-- here. What is no word (it may be anything that came into the wrong field) is not repeated.
{%- set codes = [
    ('reg_status', 'RegStatus', 'persons.status'), ('marital_status', 'MaritalStatus', 'persons.marital_status'),
    ('gender', 'Gender', 'persons.gender'), ('custody', 'Custody', 'persons.latest_responsibility'),
    ('work_permit', 'WorkPermit', 'persons.residence_permit_type')
] %}
{%- set countries = [
    ('citizenship', 'persons.citizenship'), ('status_country_code', 'persons.emigrated_to'),
    ('status_country_code', 'persons.immigrated_from')
] %}
with values_of_persons as (
    {% for field, name, value in codes %}
    select
        'Person' as entity,
        '{{ field }}' as field,
        {{ value }} as freg_value
    from {{ ref('int_person__current') }} as persons
    where {{ value }} not in (
        select listed.freg_value from {{ ref('code_list') }} as listed
        where listed.code_list = '{{ name }}'
    )
    union all
    {% endfor %}
    {% for field, value in countries %}
    select
        'Person' as entity,
        '{{ field }}' as field,
        {{ value }} as freg_value
    from {{ ref('int_person__current') }} as persons
    where {{ value }} not in (select listed.iso_alfa3 from {{ ref('landkode') }} as listed)
    union all
    {% endfor %}
    select
        'Address' as entity,
        'postal_type' as field,
        addresses.stay as freg_value
    from {{ ref('int_address__chosen') }} as addresses
    where
        addresses.is_present
        and addresses.is_current
        and not addresses.is_hidden
        and addresses.stay not in (
            select listed.freg_value from {{ ref('code_list') }} as listed
            where listed.code_list = 'PostalType'
        )
    union all
    select
        'Address' as entity,
        'country' as field,
        addresses.country as freg_value
    from {{ ref('int_address__chosen') }} as addresses
    where
        addresses.is_present
        and addresses.is_current
        and not addresses.is_hidden
        and addresses.country not in (
            select listed.iso_alfa2 from {{ ref('landkode') }} as listed
            where listed.iso_alfa2 is not null
        )
),

final as (
    select
        entity,
        field,
        case when regexp_full_match(freg_value, '[A-Za-z]{1,40}') then freg_value else '(no word)' end as freg_value,
        cast(count(*) as integer) as persons
    from values_of_persons
    group by all
)

select * from final
