"""A day in the register: draw the day's events, apply them to the entries, and number them as the feed does."""

from __future__ import annotations

import datetime as dt

import duckdb

from ingest.synthetic.entries import choose_subjects
from ingest.synthetic.events import (
    BIRTH,
    MERGER_DUBLETT,
    MERGER_SURVIVOR,
    NEW_RELATION,
    PAIRED_RULES,
    RULES,
    SIVILSTAND,
    SPLIT_RESTORED,
    SPLIT_SURVIVOR,
    Change,
    EventRule,
)

# About two in a thousand persons change in a day.
SHARE_CHANGED_IN_A_DAY = 0.002

# Entries made by events come after those of the start, in the order of the days.
_ORDINAL_OF_FIRST_DAY = 1_000_000_000


def prepare_days(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of the days: `event` (today's), `past_event`."""
    connection.execute(
        """
        create or replace table event (
            event_type varchar, person_id bigint primary key, partner_id bigint, variant varchar,
            day date, day_number integer, sequence_number bigint
        )
        """
    )
    connection.execute("create or replace table past_event as select * from event")


def play_day(connection: duckdb.DuckDBPyConnection, day: dt.date, day_number: int, first_sequence_number: int) -> None:
    """Fill `event` with what happens on `day` and bring `changed_entry` up to date.

    A person has at most one event a day. Each event type occurs where somebody is there for it to happen to.
    """
    connection.execute("insert into past_event select * from event")
    connection.execute("delete from event")
    _Day(connection, day, day_number).play(first_sequence_number)


class _Day:
    def __init__(self, connection: duckdb.DuckDBPyConnection, day: dt.date, number: int) -> None:
        self.connection = connection
        self.day = day
        self.number = number
        persons = connection.execute("select count(*) from person").fetchone()
        self.events = SHARE_CHANGED_IN_A_DAY * (persons[0] if persons else 0)

    def play(self, first_sequence_number: int) -> None:
        self._draw_splits()
        self._draw_births()
        self._draw_mergers()
        for rule in RULES:
            self._draw(rule, self._quota(rule))
        self._draw_weddings()
        self._draw_widowhoods()
        self._number(first_sequence_number)
        self._materialise()
        for rule in (*RULES, *PAIRED_RULES):
            self._apply(rule)

    def _sql(self, statement: str) -> None:
        self.connection.execute(statement)

    def _quota(self, rule: EventRule) -> int:
        return max(1, round(rule.share * self.events))

    def _free(self, purpose: str, eligible: str, quota: int) -> str:
        """SQL: persons to whom an event may happen today, drawn by chance."""
        repeatable = ", ".join(f"'{rule.event_type}'" for rule in RULES if rule.repeatable)
        return f"""
            select p.person_id, row_number() over (order by u(p.person_id, '{purpose} {self.number}')) as n
            from person as p
            where ({eligible})
                and p.person_id not in (select person_id from event)
                and p.person_id not in (select person_id from past_event where event_type not in ({repeatable}))
            qualify n <= {quota}
        """

    def _when(self, variant: str = "null") -> str:
        """SQL: the last columns of `event`; the sequence number comes later."""
        return f"{variant}, date '{self.day}', {self.number}, null"

    def _draw(self, rule: EventRule, quota: int) -> None:
        self._sql(
            f"""
            insert into event
            select '{rule.event_type}', person_id, null, {self._when()}
            from ({self._free(rule.event_type, rule.eligible, quota)})
            """
        )

    def _draw_pair(self, first: EventRule, second: EventRule, quota: int, variant: str = "null") -> None:
        """Pair the n-th of those eligible for `first` with the n-th of those eligible for `second`."""
        self._sql(
            f"""
            create or replace temp table pair as
            with firsts as ({self._free(first.event_type, first.eligible, quota)}),
            seconds as ({self._free("other " + second.event_type, second.eligible, 2 * quota)}),
            others as (
                select person_id, row_number() over (order by n) as n
                from seconds
                where person_id not in (select person_id from firsts)
            )
            select firsts.person_id as first_id, others.person_id as second_id
            from firsts
            inner join others using (n)
            """
        )
        self._insert_pair(first.event_type, second.event_type, variant)

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
                {self._free(SPLIT_SURVIVOR.event_type, SPLIT_SURVIVOR.eligible, self._quota(SPLIT_SURVIVOR))}
            )
            select survivors.person_id as first_id, person.dublett_id as second_id
            from survivors
            inner join person using (person_id)
            """
        )
        self._insert_pair(SPLIT_SURVIVOR.event_type, SPLIT_RESTORED.event_type)

    def _draw_mergers(self) -> None:
        self._draw_pair(MERGER_SURVIVOR, MERGER_DUBLETT, self._quota(MERGER_SURVIVOR))

    def _draw_weddings(self) -> None:
        self._draw_pair(SIVILSTAND, SIVILSTAND, self._quota(SIVILSTAND), "'wedding'")

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
        self._sql(
            f"""
            create or replace temp table newborn as
            with mothers as ({
                self._free(
                    BIRTH.event_type,
                    "p.gender = 'kvinne' and p.status = 'bosatt' and not p.has_d_number and p.age between 20 and 42"
                    " and p.protection is null and p.person_id not in (select person_id from changed_person)"
                    " and coalesce(p.spouse_id, -1) not in (select person_id from changed_person)",
                    self._quota(BIRTH),
                )
            }),
            reserve as (
                select number, gender, birth_date, row_number() over (order by owner_id desc) as n
                from number_holder
                where use = 'reserve' and birth_date = date '{self.day}'
                    and number not in (select nin from person)
            )
            select
                (select max(person_id) from person) + mothers.n as child_id,
                mothers.person_id as mother_id,
                father.person_id as father_id,
                reserve.number,
                reserve.gender,
                reserve.birth_date
            from mothers
            inner join reserve using (n)
            inner join person as mother on mother.person_id = mothers.person_id
            left join person as father on father.person_id = mother.spouse_id
                and father.gender = 'mann' and father.status = 'bosatt'
            """
        )
        self._sql(
            """
            insert into person
            select mother.* replace (
                newborn.child_id as person_id, 0 as age, newborn.birth_date as birth_date, newborn.gender as gender,
                'foedselsregistrert' as status, 'ugift' as sivilstand, false as had_d_number, false as is_immigrant,
                null as spouse_id, newborn.mother_id as mother_id, newborn.father_id as father_id,
                null as medmor_id, null as death_date, null as marriage_date, null as first_death_of_couple,
                null as emigration_date, null as immigration_date, false as is_born_abroad, 'NOR' as citizenship,
                false as has_second_citizenship, coalesce(father.birth_name, mother.birth_name) as birth_name,
                false as took_spouses_name, newborn.number as nin, null as former_nin, null as settled_nin,
                null as corrected_nin, null as dublett_id, null as dublett_nin, name_slot.navn as fornavn,
                null as mellomnavn, coalesce(father.birth_name, mother.birth_name) as etternavn, null as spouse_nin,
                mother.nin as mother_nin, father.nin as father_nin, null as medmor_nin, false as is_dublett_record
            )
            from newborn
            inner join person as mother on mother.person_id = newborn.mother_id
            left join person as father on father.person_id = newborn.father_id
            inner join name_slot
                on name_slot.kind = newborn.gender and name_slot.slot = pick(newborn.child_id, 'given name', 16384)
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
                on r.dwelling_id = pick(e.person_id, 'dwelling {self.number}', (select count(*) from dwelling))
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
