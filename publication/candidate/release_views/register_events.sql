-- What happens to people: one row a move, change of name, birth and death; and how many of each there were on a day. The
-- day on which the register came to know it is the calendar's in Oslo.

-- Between two residences of a person in Norway that follow each other. An address that only got another name or number
-- has the date of the one before, and is no move. Of who has a hidden address, nothing is told.
create or replace view residence_move as
    with residences as (
        select
            nin,
            date_adr_from,
            st,
            present_st,
            municipality,
            district_code,
            district_name,
            grunnkrets_number,
            address_key(st, street_name, house_number, house_letter, cadastral_number, property_number) as address_key
        from preg_address
        where
            address_type = 'bostedsadresse'
            and date_adr_from is not null
            and nin not in (select nin from preg_address where enrichment_method = 'hidden')
        qualify row_number() over (
            partition by nin, date_adr_from
            order by current_address desc, valid_to desc nulls first, postal_address
        ) = 1
    ),

    in_order as (
        select *, lag(residences) over (partition by nin order by date_adr_from) as before
        from residences
    )

    select
        nin,
        date_adr_from as moved_on,
        case
            -- A kommune of before that is not known to lie in one of today's.
            when before.present_st is null or present_st is null then null
            when before.present_st <> present_st then 'between_kommuner'
            when before.address_key = address_key then 'within_address'
            when before.district_code is distinct from district_code then 'between_bydeler'
            else 'within_area'
        end as move_kind,
        before.st as from_st,
        before.municipality as from_municipality,
        before.district_code as from_district_code,
        before.district_name as from_district_name,
        before.grunnkrets_number as from_grunnkrets_number,
        st as to_st,
        municipality as to_municipality,
        district_code as to_district_code,
        district_name as to_district_name,
        grunnkrets_number as to_grunnkrets_number
    from in_order
    where before is not null;

comment on view residence_move is
    'One row per move between two residences in Norway that follow each other; nobody with a hidden address.';
comment on column residence_move.nin is 'The person''s number.';
comment on column residence_move.moved_on is 'From when the new residence holds.';
comment on column residence_move.move_kind is
    'within_address (another dwelling), within_area (the same kommune, and bydel where there are any), between_bydeler, '
    'between_kommuner (by the kommuner of today: no reform is a move); blank where the kommune of today is not known.';
comment on column residence_move.from_st is 'The kommune moved from, as it was numbered then.';
comment on column residence_move.from_municipality is 'Its name.';
comment on column residence_move.from_district_code is 'The bydel moved from.';
comment on column residence_move.from_district_name is 'Its name.';
comment on column residence_move.from_grunnkrets_number is 'The grunnkrets moved from.';
comment on column residence_move.to_st is 'The kommune moved to, as it was numbered then.';
comment on column residence_move.to_municipality is 'Its name.';
comment on column residence_move.to_district_code is 'The bydel moved to.';
comment on column residence_move.to_district_name is 'Its name.';
comment on column residence_move.to_grunnkrets_number is 'The grunnkrets moved to.';

create or replace view name_change as
    select
        nin,
        changed_at,
        cast(timezone('Europe/Oslo', changed_at) as date) as registered_on,
        max(from_value) filter (where field = 'given_name') as from_given_name,
        max(to_value) filter (where field = 'given_name') as to_given_name,
        max(from_value) filter (where field = 'middle_name') as from_middle_name,
        max(to_value) filter (where field = 'middle_name') as to_middle_name,
        max(from_value) filter (where field = 'sn') as from_sn,
        max(to_value) filter (where field = 'sn') as to_sn
    from preg_change_log
    where entity = 'Person' and field in ('given_name', 'middle_name', 'sn')
    group by nin, changed_at, sequence_number;

comment on view name_change is
    'One row per change of a name since the first delivery: the parts that changed, before and after; others are blank.';
comment on column name_change.nin is 'The person''s number.';
comment on column name_change.changed_at is 'When the change was registered.';
comment on column name_change.registered_on is 'The day of that in Oslo.';
comment on column name_change.from_given_name is 'given_name before.';
comment on column name_change.to_given_name is 'given_name after.';
comment on column name_change.from_middle_name is 'middle_name before.';
comment on column name_change.to_middle_name is 'middle_name after.';
comment on column name_change.from_sn is 'sn (the family name) before.';
comment on column name_change.to_sn is 'sn (the family name) after.';

create or replace view birth as
    with first_seen as (
        select person_nin, min(shown_from) as shown_from
        from preg_state
        group by person_nin
    )

    select
        preg_person.nin,
        preg_person.date_of_birth as born_on,
        preg_person.gender,
        preg_person.mothers_nin,
        preg_person.fathers_nin,
        cast(timezone('Europe/Oslo', first_seen.shown_from) as date) as registered_on
    from preg_person
    left join first_seen on preg_person.nin = first_seen.person_nin
    where preg_person.date_of_birth is not null;

comment on view birth is
    'One row per person with a birth date. PREG has no place of birth: who was born abroad is counted too.';
comment on column birth.nin is 'The person''s number.';
comment on column birth.born_on is 'The birth date.';
comment on column birth.gender is 'As preg_person.gender.';
comment on column birth.mothers_nin is 'As preg_person.mothers_nin.';
comment on column birth.fathers_nin is 'As preg_person.fathers_nin.';
comment on column birth.registered_on is
    'The day in Oslo from which PREG has shown the person; of who was there before the first delivery, when Freg last '
    'registered something before it.';

create or replace view death as
    with registered as (
        select nin, max(changed_at) as changed_at
        from preg_change_log
        where entity = 'Person' and field = 'reg_status' and to_value = '5'
        group by nin
    )

    select
        preg_person.nin,
        preg_person.date_status as died_on,
        preg_person.date_of_birth as born_on,
        preg_person.gender,
        cast(timezone('Europe/Oslo', registered.changed_at) as date) as registered_on
    from preg_person
    left join registered using (nin)
    where preg_person.reg_status = 5;

comment on view death is 'One row per dead person (RegStatus 5).';
comment on column death.nin is 'The person''s number.';
comment on column death.died_on is 'The day of death (date_status); blank where Freg does not know it.';
comment on column death.born_on is 'The birth date.';
comment on column death.gender is 'As preg_person.gender.';
comment on column death.registered_on is
    'The day in Oslo on which PREG began to show the person as dead; blank where it did before the first delivery.';

create or replace macro events_by_day(first_day, last_day) as table
    with events as (
        select born_on as on_day, 'birth' as kind from birth
        union all
        select died_on as on_day, 'death' as kind from death
        union all
        select moved_on as on_day, 'move' as kind from residence_move
        union all
        select registered_on as on_day, 'name_change' as kind from name_change
    )

    select
        cast(each.day as date) as on_day,
        count(*) filter (where events.kind = 'birth') as births,
        count(*) filter (where events.kind = 'death') as deaths,
        count(*) filter (where events.kind = 'move') as moves,
        count(*) filter (where events.kind = 'name_change') as name_changes
    from range(cast(first_day as date), cast(last_day as date) + 1, interval 1 day) as each(day)
    left join events on events.on_day = cast(each.day as date)
    group by cast(each.day as date)
    order by on_day;

comment on macro table events_by_day is
    'How many births, deaths, moves and changes of name there were on each day: by when they happened, names by when they were registered.';
