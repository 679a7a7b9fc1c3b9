-- The address protection in force in each state of a record (int_person__state): its grade, fortrolig or
-- strengtFortrolig, and since when; NULL where none is. It fails closed. A document that says nothing of protection
-- leaves it as it was: it holds until its end is told, of the record itself or of another record of the person that
-- ends what began before. It is the person's, not the record's: granted on any record or number of a person, or on a
-- false identity of the person, it holds for the present state of all of them.
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

-- The document that last told of protection, at each document of a record: also of those that a full delivery has
-- replaced, which may say nothing of it.
documents as (
    select
        own_numbers.document_number,
        own_numbers.own_number,
        own_numbers.sekvensnummer,
        own_numbers.delivery_rank,
        persons.graderingsnivaa,
        persons.gradert_fra,
        persons.gradert_til,
        persons.beskyttelse_fortalt
    from {{ ref('int_person__own_number') }} as own_numbers
    inner join {{ ref('stg_freg__person') }} as persons
        on own_numbers.document_number = persons.document_number
    where {{ only_affected('own_numbers.own_number', ref('int_affected__number')) }}
),

carried as (
    select
        document_number,
        last_value(case when beskyttelse_fortalt is not null then document_number end ignore nulls) over (
            partition by own_number
            order by sekvensnummer, delivery_rank, document_number
        ) as told_in
    from documents
),

told as (
    select
        states.document_number,
        states.nin,
        states.person_nin,
        states.is_present,
        teller.beskyttelse_fortalt,
        teller.graderingsnivaa,
        teller.gradert_fra,
        teller.gradert_til,
        teller.sekvensnummer as fortalt_sekvensnummer,
        row_number() over (
            partition by states.nin
            order by states.is_present desc, states.sekvensnummer desc, states.document_number desc
        ) as recency,
        max(case when states.is_present then 1 else 0 end) over (
            partition by states.person_nin
        ) = 0 as is_of_nobody_present
    from states
    inner join carried on states.document_number = carried.document_number
    left join documents as teller on carried.told_in = teller.document_number
),

standing as (
    select
        granted.person_nin,
        granted.graderingsnivaa,
        granted.gradert_fra
    from told as granted
    where
        granted.recency = 1
        and granted.beskyttelse_fortalt = 'granted'
        and not exists (
            select 1
            from told as ended
            where
                ended.recency = 1
                and ended.person_nin = granted.person_nin
                and ended.nin <> granted.nin
                and ended.beskyttelse_fortalt = 'ended'
                and ended.fortalt_sekvensnummer > granted.fortalt_sekvensnummer
                and ended.gradert_til >= granted.gradert_fra
        )
),

-- Numbers of one human being: a false identity and the true one; and a number that two persons list, of whom it is not
-- known whose it is.
identities as (
    select
        states.person_nin as one,
        coalesce(numbers.nin, states.rett_identitet) as other
    from states
    left join {{ ref('int_person__number') }} as numbers on states.rett_identitet = numbers.number
    where states.rett_identitet is not null and states.is_present
    union all
    select
        states.person_nin as one,
        numbers.nin as other
    from states
    inner join {{ ref('stg_freg__identifikasjonsnummer') }} as listed
        on states.document_number = listed.document_number
    inner join {{ ref('int_person__number') }} as numbers on listed.nummer = numbers.number
    where states.is_present and states.person_nin <> numbers.nin
),

both_ways as (
    select
        one,
        other
    from identities
    union
    select
        other as one,
        one as other
    from identities
),

human as (
    select
        one,
        other
    from both_ways
    union
    select
        human.one,
        both_ways.other
    from human
    inner join both_ways on human.other = both_ways.one
),

of_human as (
    select
        person_nin,
        graderingsnivaa,
        gradert_fra
    from standing
    union all
    select
        human.one as person_nin,
        standing.graderingsnivaa,
        standing.gradert_fra
    from human
    inner join standing on human.other = standing.person_nin
    where human.one <> human.other
),

of_person as (
    select
        person_nin,
        max(case when graderingsnivaa = 'strengtFortrolig' then 1 else 0 end) = 1 as is_strict,
        max(gradert_fra) as gradert_fra
    from of_human
    group by person_nin
),

final as (
    select
        told.document_number,
        told.nin,
        told.person_nin,
        told.is_present,
        case
            when told.is_present and of_person.is_strict then 'strengtFortrolig'
            when told.is_present and of_person.person_nin is not null then 'fortrolig'
            when not told.is_present and told.beskyttelse_fortalt = 'granted' then told.graderingsnivaa
        end as grade,
        build.local_date(
            case
                when told.is_present then of_person.gradert_fra
                when told.beskyttelse_fortalt = 'granted' then told.gradert_fra
            end
        ) as grade_from,
        -- The last state of somebody whom the last full delivery no longer has: where the person lived stays hidden.
        told.recency = 1 and told.is_of_nobody_present as is_last_of_nobody_present,
        {{ built_after() }}
    from told
    left join of_person on told.person_nin = of_person.person_nin
)

select * from final
