"""A day in the register: draw the day's events, apply them to the entries, and number them as the feed does."""

from __future__ import annotations

import datetime as dt

import duckdb

from ingest.synthetic.entries import choose_subjects
from ingest.synthetic.events import (
    BIRTH,
    MARRIAGES_ENDED,
    MERGER_DUBLETT,
    MERGER_SURVIVOR,
    MOVE,
    NEW_RELATION,
    PAIRED_RULES,
    RESIDENTS_OF_NORWAY,
    RULES,
    SIVILSTAND,
    SPLIT_RESTORED,
    SPLIT_SURVIVOR,
    Change,
    EventRule,
)

# Of those who move: how many go to another kommune, and how many take the whole household with them.
_TO_ANOTHER_KOMMUNE = 0.44
_WITH_HOUSEHOLD = 0.3

# Entries made by events come after those of the start, in the order of the days.
_ORDINAL_OF_FIRST_DAY = 1_000_000_000


def prepare_days(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of the days: `event` (today's), `past_event`, and `kommune_dwelling` to move to."""
    connection.execute(
        """
        create or replace table event (
            event_type varchar, person_id bigint primary key, partner_id bigint, variant varchar,
            day date, day_number integer, sequence_number bigint, dwelling_id bigint
        )
        """
    )
    connection.execute("create or replace table past_event as select * from event")
    connection.execute(
        """
        create or replace table kommune_dwelling as
        select
            kommunenummer,
            dwelling_id,
            row_number() over (partition by kommunenummer order by dwelling_id) - 1 as n,
            count(*) over (partition by kommunenummer) as dwellings
        from residence
        """
    )


def play_day(connection: duckdb.DuckDBPyConnection, day: dt.date, day_number: int, first_sequence_number: int) -> int:
    """Fill `event` with what happens on `day` and bring `changed_entry` up to date; returns the last sequence number.

    A person has at most one event a day. Each event type occurs where somebody is there for it to happen to. What
    happens depends on the days before, and not on how many come after.
    """
    connection.execute("insert into past_event select * from event")
    connection.execute("delete from event")
    _Day(connection, day, day_number).play(first_sequence_number)
    (events,) = connection.execute("select count(*) from event").fetchall()[0]
    return first_sequence_number + int(events) - 1


class _Day:
    def __init__(self, connection: duckdb.DuckDBPyConnection, day: dt.date, number: int) -> None:
        self.connection = connection
        self.day = day
        self.number = number
        (residents,) = connection.execute("select count(*) from person where status = 'bosatt'").fetchall()[0]
        self.share_of_norway = residents / RESIDENTS_OF_NORWAY

    def play(self, first_sequence_number: int) -> None:
        self._draw_splits()
        self._draw_births()
        self._draw_mergers()
        for rule in RULES:
            self._draw(rule, self._quota(rule.in_norway))
        self._draw_weddings()
        self._draw_ends_of_marriages()
        self._draw_widowhoods()
        self._draw_moves()
        self._number(first_sequence_number)
        self._materialise()
        for rule in (MOVE, *RULES, *PAIRED_RULES):
            self._apply(rule)
        self._settle_movers()

    def _sql(self, statement: str) -> None:
        self.connection.execute(statement)

    def _quota(self, in_norway: int) -> int:
        return max(1, round(in_norway * self.share_of_norway))

    def _free(self, purpose: str, eligible: str, quota: int | None = None) -> str:
        """SQL: persons to whom an event may happen today, in an order drawn by chance; the first `quota` of them."""
        repeatable = ", ".join(f"'{rule.event_type}'" for rule in (MOVE, *RULES) if rule.repeatable)
        return f"""
            select p.person_id, row_number() over (order by u(p.person_id, '{purpose} {self.number}')) as n
            from person as p
            where ({eligible})
                and p.person_id not in (select person_id from event)
                and p.person_id not in (select person_id from past_event where event_type not in ({repeatable}))
            {f"qualify n <= {quota}" if quota else ""}
        """

    def _when(self, variant: str = "null") -> str:
        """SQL: the last columns of `event`; the sequence number comes later, a dwelling where somebody moves."""
        return f"{variant}, date '{self.day}', {self.number}, null, null"

    def _draw(self, rule: EventRule, quota: int) -> None:
        self._sql(
            f"""
            insert into event
            select '{rule.event_type}', person_id, null, {self._when()}
            from ({self._free(rule.event_type, rule.eligible, quota)})
            """
        )

    def _insert_pair(self, first_type: str, second_type: str, variant: str = "null") -> None:
        self._sql(
            f"""
            insert into event
            select '{first_type}', first_id, second_id, {self._when(variant)} from pair
            union all
            select '{second_type}', second_id, first_id, {self._when(variant)} from pair
            """
        )

    def _draw_splits(self) -> None:
        self._sql(
            f"""
            create or replace temp table pair as
            with survivors as (
                {self._free(SPLIT_SURVIVOR.event_type, SPLIT_SURVIVOR.eligible, self._quota(SPLIT_SURVIVOR.in_norway))}
            )
            select survivors.person_id as first_id, person.dublett_id as second_id
            from survivors
            inner join person using (person_id)
            """
        )
        self._insert_pair(SPLIT_SURVIVOR.event_type, SPLIT_RESTORED.event_type)

    def _draw_mergers(self) -> None:
        """Pair the n-th of those who can go on with the n-th of those who can be found to be the same person."""
        quota = self._quota(MERGER_SURVIVOR.in_norway)
        self._sql(
            f"""
            create or replace temp table pair as
            with firsts as ({self._free(MERGER_SURVIVOR.event_type, MERGER_SURVIVOR.eligible, quota)}),
            seconds as ({self._free(MERGER_DUBLETT.event_type, MERGER_DUBLETT.eligible, quota)})
            select firsts.person_id as first_id, seconds.person_id as second_id
            from firsts
            inner join seconds using (n)
            """
        )
        self._insert_pair(MERGER_SURVIVOR.event_type, MERGER_DUBLETT.event_type)

    def _draw_weddings(self) -> None:
        """Parents who are not married yet, and other women and men of about the same age; no siblings."""
        self._sql(
            f"""
            create or replace temp table pair as
            with free as (
                select person.*
                from ({self._free(SIVILSTAND.event_type, SIVILSTAND.eligible)})
                inner join person using (person_id)
            ),
            alone as (
                select
                    *,
                    (age + case gender when 'kvinne' then 2 else 0 end) // 4 as age_group,
                    row_number() over (
                        partition by gender, age_group order by u(person_id, 'wedding {self.number}')
                    ) as n
                from free
                where person_id not in (select person_id from companion)
            ),
            couples as (
                select woman.person_id as first_id, man.person_id as second_id
                from companion
                inner join free as woman on woman.person_id = companion.person_id
                inner join free as man on man.person_id = companion.companion_id
                where woman.gender = 'kvinne' and man.gender = 'mann'
                union all
                select woman.person_id, man.person_id
                from alone as woman
                inner join alone as man using (age_group, n)
                where woman.gender = 'kvinne' and man.gender = 'mann'
                    and coalesce(woman.mother_nin <> man.mother_nin, true)
                    and coalesce(woman.father_nin <> man.father_nin, true)
            )
            select *
            from couples
            order by u(first_id, 'wedding day {self.number}')
            limit {self._quota(SIVILSTAND.in_norway)}
            """
        )
        self._insert_pair(SIVILSTAND.event_type, SIVILSTAND.event_type, "'wedding'")

    def _draw_ends_of_marriages(self) -> None:
        for variant, in_norway, eligible in MARRIAGES_ENDED:
            self._sql(
                f"""
                create or replace temp table pair as
                with free as ({self._free(variant, eligible)})
                select one.person_id as first_id, one.spouse_id as second_id
                from free
                inner join person as one using (person_id)
                where one.person_id < one.spouse_id and one.spouse_id in (select person_id from free)
                -- Who is separated is divorced before others.
                order by one.sivilstand = 'separert' desc, n
                limit {self._quota(in_norway)}
                """
            )
            self._insert_pair(SIVILSTAND.event_type, SIVILSTAND.event_type, f"'{variant}'")

    def _draw_moves(self) -> None:
        """Some move alone, some with all who live with them; nobody leaves small children behind, or is one alone."""
        quota = self._quota(MOVE.in_norway)
        self._sql(
            f"""
            create or replace temp table moving as
            with free as ({self._free(MOVE.event_type, MOVE.eligible)}),
            movers as (
                select person.person_id, person.head_id, person.dwelling_id, n
                from free
                inner join person using (person_id)
                where age >= 18
                order by n
                limit {quota}
            ),
            together as (
                select
                    person.person_id,
                    movers.person_id as mover_id,
                    movers.n,
                    residence.kommunenummer,
                    row_number() over (partition by person.person_id order by movers.n) as nth
                from movers
                inner join person on person.head_id = movers.head_id and person.dwelling_id = movers.dwelling_id
                inner join residence on residence.dwelling_id = movers.dwelling_id
                where person.person_id in (select person_id from free)
                    and (
                        person.person_id = movers.person_id
                        or u(movers.person_id, 'household {self.number}') < {_WITH_HOUSEHOLD}
                        or (person.age < 18 and movers.person_id in (person.mother_id, person.father_id))
                    )
            )
            -- Whole households, until so many have moved.
            select * exclude (nth, before)
            from (
                select *, count(*) over (order by n range between unbounded preceding and 1 preceding) as before
                from together
                where nth = 1
            ) as households
            where before < {quota}
            order by n, person_id
            """
        )
        self._sql(
            f"""
            insert into event
            with target as (
                select distinct
                    mover_id,
                    case when u(mover_id, 'kommune {self.number}') >= {_TO_ANOTHER_KOMMUNE} then kommunenummer end
                        as kommunenummer,
                    pick(mover_id, 'anywhere {self.number}', (select count(*) from dwelling)) as anywhere
                from moving
            ),
            kommune_size as (
                select kommunenummer, any_value(dwellings) as dwellings
                from kommune_dwelling
                group by all
            ),
            goal as (
                select target.mover_id, coalesce(kommune_dwelling.dwelling_id, target.anywhere) as dwelling_id
                from target
                left join kommune_size using (kommunenummer)
                left join kommune_dwelling on kommune_dwelling.kommunenummer = target.kommunenummer
                    and kommune_dwelling.n = pick(target.mover_id, 'here {self.number}', kommune_size.dwellings)
            )
            select
                '{MOVE.event_type}', moving.person_id, null, null, date '{self.day}', {self.number}, null,
                goal.dwelling_id
            from moving
            inner join goal using (mover_id)
            """
        )

    def _settle_movers(self) -> None:
        self._sql(
            f"""
            update person set dwelling_id = event.dwelling_id from event
            where event.person_id = person.person_id and event.event_type = '{MOVE.event_type}'
            """
        )

    def _draw_widowhoods(self) -> None:
        """The husbands and wives of those who died today."""
        self._sql(
            f"""
            insert into event
            select '{SIVILSTAND.event_type}', person.person_id, dead.person_id, {self._when("'widowed'")}
            from event as death
            inner join person as dead on dead.person_id = death.person_id
            inner join person on person.person_id = dead.spouse_id
            where death.event_type = 'personErDoed' and dead.sivilstand = 'gift'
                and person.person_id not in (select person_id from event)
                and person.person_id not in (select person_id from past_event)
            """
        )

    def _draw_births(self) -> None:
        """Newborns come into the register as persons; their parents get a relation to them."""
        quota = self._quota(BIRTH.in_norway)
        self._sql(
            f"""
            create or replace table number_wanted as
            select n as person_id, n as owner_id, 'newborn' as use, date '{self.day}' as birth_date,
                case when u(n, 'gender {self.number}') < 0.486 then 'kvinne' else 'mann' end as gender,
                false as is_d_number
            from range(1, {quota + 1}) as numbers(n)
            """
        )
        self._sql(
            f"""
            create or replace temp table newborn as
            with mothers as ({self._free(BIRTH.event_type, BIRTH.eligible, quota)}),
            given as (
                select person_id as n, number, gender, birth_date
                from given_number
            )
            select
                (select max(person_id) from person) + mothers.n as child_id,
                mothers.person_id as mother_id,
                father.person_id as father_id,
                given.number,
                given.gender,
                given.birth_date,
                case when father.person_id is not null and u(mothers.person_id, 'children bear her name') >= 0.2
                    then father.birth_name else mother.birth_name end as birth_name
            from mothers
            inner join given using (n)
            inner join person as mother on mother.person_id = mothers.person_id
            left join companion on companion.person_id = mothers.person_id
            left join person as father on father.person_id = companion.companion_id
                and father.gender = 'mann' and father.status = 'bosatt'
            """
        )
        self._sql(
            """
            insert into person
            select mother.* replace (
                newborn.child_id as person_id, 0 as age, newborn.birth_date as birth_date, newborn.gender as gender,
                'foedselsregistrert' as status, 'ugift' as sivilstand, false as had_d_number, false as is_immigrant,
                null as spouse_id, null as twin_of, newborn.mother_id as mother_id, newborn.father_id as father_id,
                null as medmor_id, null as death_date, null as marriage_date, null as first_death_of_couple,
                null as emigration_date, null as immigration_date, false as is_born_abroad, 'NOR' as citizenship,
                false as has_second_citizenship, newborn.birth_name as birth_name,
                false as took_spouses_name, newborn.number as nin, null as former_nin, null as settled_nin,
                null as corrected_nin, null as dublett_id, null as dublett_nin, given_name_slot.navn as fornavn,
                null as mellomnavn, newborn.birth_name as etternavn, null as spouse_nin,
                mother.nin as mother_nin, father.nin as father_nin, null as medmor_nin, false as is_dublett_record
            )
            from newborn
            inner join person as mother on mother.person_id = newborn.mother_id
            left join person as father on father.person_id = newborn.father_id
            inner join given_name_slot
                on given_name_slot.gender = newborn.gender
                and given_name_slot.decade = decade_of(newborn.birth_date)
                and given_name_slot.slot = pick(newborn.child_id, 'given name', 4096)
            """
        )
        self._sql(
            """
            insert into child_of
            select mother_id, child_id, number, 'mor' from newborn
            union all
            select father_id, child_id, number, 'far' from newborn where father_id is not null
            """
        )
        self._sql(
            f"""
            insert into event
            select '{BIRTH.event_type}', child_id, mother_id, {self._when()} from newborn
            union all
            select '{NEW_RELATION.event_type}', mother_id, child_id, {self._when()} from newborn
            union all
            select '{NEW_RELATION.event_type}', father_id, child_id, {self._when()}
            from newborn where father_id is not null
            """
        )

    def _number(self, first_sequence_number: int) -> None:
        self._sql(
            f"""
            update event set sequence_number = numbered.sequence_number
            from (
                select person_id, {first_sequence_number} - 1
                    + row_number() over (order by u(person_id, 'sequence {self.number}'), person_id) as sequence_number
                from event
            ) as numbered
            where event.person_id = numbered.person_id
            """
        )

    def _materialise(self) -> None:
        choose_subjects(
            self.connection,
            "person_id in (select person_id from event) and person_id not in (select person_id from changed_person)",
        )
        self._sql(
            """
            insert into changed_entry
            select * from entry
            """
        )
        self._sql("insert or ignore into changed_person select person_id from event")

    def _apply(self, rule: EventRule) -> None:
        for statement in rule.before:
            self._sql(statement)
        for change in rule.changes:
            self._enter(rule, change)

    def _enter(self, rule: EventRule, change: Change) -> None:
        of_rule = f"(select person_id from event where event_type = '{rule.event_type}')"
        self._sql(
            f"""
            create or replace temp table new_entry as
            select e.person_id, '{change.element}' as element, known.position, known.is_list,
                {_ORDINAL_OF_FIRST_DAY + self.number}::bigint as ordinal, {change.is_current} as is_current,
                cast(e.day as timestamp) + to_seconds(pick(e.person_id, 'time {self.number}', 80000)) as registered,
                cast({change.valid_from} as timestamp) as valid_from, null::timestamp as valid_to,
                {change.adresse_id} as adresse_id, {change.body} as body
            from event as e
            inner join person as p using (person_id)
            left join person as o on o.person_id = e.partner_id
            inner join residence as r
                on r.dwelling_id = coalesce(
                    e.dwelling_id, pick(e.person_id, 'dwelling {self.number}', (select count(*) from dwelling))
                )
            cross join (select position, is_list from element where element = '{change.element}') as known
            where e.event_type = '{rule.event_type}'
            """
        )
        if change.replaces:
            self._sql(f"delete from changed_entry where element = '{change.element}' and person_id in {of_rule}")
        elif change.ends_current:
            self._sql(
                f"""
                update changed_entry set is_current = false, valid_to = timestamp '{self.day}'
                where element = '{change.element}' and is_current and person_id in {of_rule}
                """
            )
        self._sql("insert into changed_entry select * from new_entry where body is not null")
