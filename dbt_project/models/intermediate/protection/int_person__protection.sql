-- The address protection in force in each state of a record (int_person__state): its grade, fortrolig or
-- strengtFortrolig, and since when (of several in force, the start of the latest); NULL where none is. It fails
-- closed. A document that says nothing of protection leaves it as it was: it holds until its end is stated, of the
-- record itself or of another record of the person that ends what began before. It is the person's, not the record's:
-- granted on any record or number of a person, or on a false identity of the person, it holds for the present state
-- of all of them.
{{ rebuilt_for_affected('person_nin', 'int_affected__number') }}
with recursive states as (
    select
        states.document_number,
        states.nin,
        states.person_nin,
        states.is_present,
        states.sekvensnummer,
        persons.rett_identitet
    from {{ ref('int_person__state') }} as states
    inner join {{ ref('stg_freg__person') }} as persons on states.document_number = persons.document_number
    where {{ only_just_built('states') }}
),

-- The document that last said something of protection, at each document of a record: also of those that a full
-- delivery has replaced, which may say nothing of it.
documents as (
    select
        own_numbers.document_number,
        own_numbers.own_number,
        own_numbers.sekvensnummer,
        own_numbers.delivery_rank,
        persons.graderingsnivaa,
        persons.graded_from,
        persons.graded_to,
        persons.stated_protection
    from {{ ref('int_person__own_number') }} as own_numbers
    inner join {{ ref('stg_freg__person') }} as persons
        on own_numbers.document_number = persons.document_number
    where {{ only_affected('own_numbers.own_number', ref('int_affected__number')) }}
),

carried as (
    select
        document_number,
        last_value(case when stated_protection is not null then document_number end ignore nulls) over (
            partition by own_number
            order by sekvensnummer, delivery_rank, document_number
        ) as stated_in
    from documents
),

stated as (
    select
        states.document_number,
        states.nin,
        states.person_nin,
        states.is_present,
        stating.stated_protection,
        stating.graderingsnivaa,
        stating.graded_from,
        stating.graded_to,
        stating.sekvensnummer as stated_sekvensnummer,
        row_number() over (
            partition by states.nin
            order by states.is_present desc, states.sekvensnummer desc, states.document_number desc
        ) as row_rank,
        max(case when states.is_present then 1 else 0 end) over (
            partition by states.person_nin
        ) = 0 as is_of_nobody_present
    from states
    inner join carried on states.document_number = carried.document_number
    left join documents as stating on carried.stated_in = stating.document_number
),

in_force as (
    select
        granted.person_nin,
        granted.graderingsnivaa,
        granted.graded_from
    from stated as granted
    where
        granted.row_rank = 1
        and granted.stated_protection = 'granted'
        and not exists (
            select 1
            from stated as ended
            where
                ended.row_rank = 1
                and ended.person_nin = granted.person_nin
                and ended.nin <> granted.nin
                and ended.stated_protection = 'ended'
                and ended.stated_sekvensnummer > granted.stated_sekvensnummer
                and ended.graded_to >= granted.graded_from
        )
),

-- Numbers of one human being: a false identity and the true one; and a number that two persons list, of whom it is not
-- known whose it is.
identities as (
    select
        states.person_nin as identity,
        coalesce(numbers.nin, states.rett_identitet) as other_identity
    from states
    left join {{ ref('int_person__number') }} as numbers on states.rett_identitet = numbers.number
    where states.rett_identitet is not null and states.is_present
    union all
    select
        states.person_nin as identity,
        numbers.nin as other_identity
    from states
    inner join {{ ref('stg_freg__identifikasjonsnummer') }} as listed
        on states.document_number = listed.document_number
    inner join {{ ref('int_person__number') }} as numbers on listed.nummer = numbers.number
    where states.is_present and states.person_nin <> numbers.nin
),

identity_links as (
    select
        identity,
        other_identity
    from identities
    union
    select
        other_identity as identity,
        identity as other_identity
    from identities
),

same_human as (
    select
        identity,
        other_identity
    from identity_links
    union
    select
        same_human.identity,
        identity_links.other_identity
    from same_human
    inner join identity_links on same_human.other_identity = identity_links.identity
),

of_all_identities as (
    select
        person_nin,
        graderingsnivaa,
        graded_from
    from in_force
    union all
    select
        same_human.identity as person_nin,
        in_force.graderingsnivaa,
        in_force.graded_from
    from same_human
    inner join in_force on same_human.other_identity = in_force.person_nin
    where same_human.identity <> same_human.other_identity
),

of_person as (
    select
        person_nin,
        max(case when graderingsnivaa = 'strengtFortrolig' then 1 else 0 end) = 1 as is_strict,
        max(graded_from) as graded_from
    from of_all_identities
    group by person_nin
),

final as (
    select
        stated.document_number,
        stated.nin,
        stated.person_nin,
        stated.is_present,
        case
            when stated.is_present and of_person.is_strict then 'strengtFortrolig'
            when stated.is_present and of_person.person_nin is not null then 'fortrolig'
            when not stated.is_present and stated.stated_protection = 'granted' then stated.graderingsnivaa
        end as grade,
        record.local_date(
            case
                when stated.is_present then of_person.graded_from
                when stated.stated_protection = 'granted' then stated.graded_from
            end
        ) as grade_from,
        -- The last state of somebody whom the last full delivery no longer has: where the person lived stays hidden.
        stated.row_rank = 1 and stated.is_of_nobody_present as is_last_of_nobody_present,
        {{ built_after() }}
    from stated
    left join of_person on stated.person_nin = of_person.person_nin
)

select * from final
