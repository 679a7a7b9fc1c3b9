-- The addresses that PREG shows: of each person the one present address and the former residences and stays.
-- A protected person has the present one only, with nothing in it; whoever lives at a protected dwelling has the entry,
-- with nothing in it.
with entries as (
    select
        entries.*,
        protected_dwellings.dwelling_key is not null as is_protected_dwelling,
        row_number() over (
            partition by entries.nin, entries.is_current
            order by
                {{ address_type_rank('entries.address_type') }} nulls last,
                entries.starts_on desc nulls last,
                entries.registered_at desc nulls last,
                entries.dwelling_key
        ) as choice
    from {{ ref('int_address__entry') }} as entries
    left join {{ ref('int_address__protected_dwelling') }} as protected_dwellings
        on entries.dwelling_key = protected_dwellings.dwelling_key
    where entries.address_type <> 'deltBosted'
),

persons as (
    select
        nin,
        graderingsnivaa,
        graderingsnivaa_fra
    from {{ ref('int_person__current') }}
),

stays as (
    select
        nin,
        stay,
        row_number() over (
            partition by nin
            order by starts_on desc nulls last, registered_at desc nulls last
        ) as choice
    from {{ ref('int_address__entry') }}
    where address_type = 'oppholdsadresse' and is_current and stay is not null
),

of_unprotected as (
    select
        entries.*,
        persons.graderingsnivaa_fra as person_grade_from,
        case when entries.is_current then stays.stay else entries.stay end as stay_in_force,
        coalesce(
            entries.grade_in_force in ('fortrolig', 'strengtFortrolig', 'klientadresse'), false
        ) or entries.is_protected_dwelling as is_hidden
    from entries
    inner join persons on entries.nin = persons.nin
    left join stays on entries.nin = stays.nin and stays.choice = 1
    where
        coalesce(persons.graderingsnivaa, 'ugradert') not in ('fortrolig', 'strengtFortrolig')
        and (
            (entries.is_current and entries.choice = 1)
            or (not entries.is_current and entries.address_type in ('bostedsadresse', 'oppholdsadresse'))
        )
),

of_protected as (
    select
        nin,
        graderingsnivaa as grade_in_force,
        graderingsnivaa_fra as person_grade_from
    from persons
    where graderingsnivaa in ('fortrolig', 'strengtFortrolig')
),

final as (
    select
        nin,
        grade_in_force,
        person_grade_from,
        stay_in_force,
        is_hidden,
        {{ address_shape({
            'address_type': 'address_type', 'is_current': 'is_current', 'registered_at': 'registered_at',
            'valid_from': 'valid_from', 'starts_on': 'starts_on', 'grade': 'grade', 'stay': 'stay',
            'is_unknown_residence': 'is_unknown_residence', 'is_abroad': 'is_abroad', 'st': 'st',
            'municipality': 'municipality', 'street_name': 'street_name', 'street_number': 'street_number',
            'house_number': 'house_number', 'house_letter': 'house_letter', 'apartment_number': 'apartment_number',
            'cadastral_number': 'cadastral_number', 'property_number': 'property_number',
            'leasehold_number': 'leasehold_number', 'additional_name': 'additional_name', 'co_address': 'co_address',
            'building': 'building', 'floor_and_unit': 'floor_and_unit', 'post_box': 'post_box',
            'free_lines': 'free_lines', 'postal_code': 'postal_code', 'postal_place': 'postal_place',
            'country': 'country', 'matrikkel_address_id': 'matrikkel_address_id',
            'near_matrikkel_address_id': 'near_matrikkel_address_id',
            'basic_statistical_unit': 'basic_statistical_unit', 'constituency': 'constituency',
            'school_district': 'school_district',
        }) }}
    from of_unprotected

    union all

    select
        nin,
        grade_in_force,
        person_grade_from,
        cast(null as varchar) as stay_in_force,
        true as is_hidden,
        {{ address_shape({'is_current': 'true'}) }}
    from of_protected
)

select * from final
