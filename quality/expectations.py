"""The expectations on the tables of a candidate: one place that lists each with why it exists and what to do.

Each is a Great Expectations expectation, run in the database. Where a person is behind a failing row, the query of the
expectation selects `nin`, so that the result can show the person by keyed hash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingest.contracts.numbers import is_valid_number_sql
from ingest.contracts.places import TELLS_A_PLACE
from quality.result import Severity


@dataclass(frozen=True)
class TableExpectation:
    """An expectation on one table. `make` builds it from the module `great_expectations.expectations`.

    query: the rows that break it, where they can be told; `{batch}` stands for the table.
    """

    name: str
    table: str
    make: Callable[[Any], Any]
    why: str
    todo: str
    severity: Severity = Severity.BLOCK
    query: str = ""


def _not_null(name: str, table: str, column: str, why: str, todo: str) -> TableExpectation:
    return TableExpectation(
        name,
        table,
        lambda gxe: gxe.ExpectColumnValuesToNotBeNull(column=column),
        why,
        todo,
        query=f"select * from {{batch}} where {column} is null",
    )


def _unique(name: str, table: str, column: str, why: str, todo: str) -> TableExpectation:
    return TableExpectation(
        name,
        table,
        lambda gxe: gxe.ExpectColumnValuesToBeUnique(column=column),
        why,
        todo,
        query=f"select * from {{batch}} where {column} in"
        f" (select {column} from {{batch}} group by {column} having count(*) > 1)",
    )


def _in_set(name: str, table: str, column: str, values: list[Any], why: str, todo: str) -> TableExpectation:
    listed = ", ".join(repr(value) for value in values)
    return TableExpectation(
        name,
        table,
        lambda gxe: gxe.ExpectColumnValuesToBeInSet(column=column, value_set=values),
        why,
        todo,
        query=f"select * from {{batch}} where {column} not in ({listed})",
    )


def _no_rows(name: str, table: str, query: str, why: str, todo: str) -> TableExpectation:
    """`query` selects the rows that must not be there; `{batch}` stands for the table."""
    return TableExpectation(
        name,
        table,
        lambda gxe: gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, description=why),
        why,
        todo,
        query=query,
    )


_MODEL = "look at the model in dbt_project/models/marts and at the delivery that was loaded last"
_KEY = "two records were taken for two persons: look at intermediate.int_person__successor"
_CODES = "a code list or the data has changed: see dbt_project/seeds/code_list.csv"

EXPECTATIONS: tuple[TableExpectation, ...] = (
    TableExpectation(
        "preg_person_has_rows",
        "preg_person",
        lambda gxe: gxe.ExpectTableRowCountToBeBetween(min_value=1),
        "a register without persons is never right",
        "load a full Freg delivery",
    ),
    _not_null("preg_person_nin_is_known", "preg_person", "nin", "a person without a number cannot be found", _MODEL),
    _unique("preg_person_nin_is_unique", "preg_person", "nin", "one row is one person", _KEY),
    _no_rows(
        "preg_person_nin_is_valid",
        "preg_person",
        f"select nin from {{batch}} where not {is_valid_number_sql('nin')}",
        "a number whose check digits do not fit belongs to nobody",
        "the delivery has wrong numbers, or a column was shifted: hold the documents against the source",
    ),
    _in_set(
        "preg_person_reg_status_in_code_list",
        "preg_person",
        "reg_status",
        [1, 3, 4, 5, 6, 7, 9],
        "clients decide by the status who is a resident and who is dead",
        _CODES,
    ),
    TableExpectation(
        "preg_person_reg_status_is_known",
        "preg_person",
        lambda gxe: gxe.ExpectColumnValuesToNotBeNull(column="reg_status"),
        "Freg's schema lets a document be without status, so it stops nobody; a client cannot tell what the person is",
        _CODES,
        severity=Severity.WARN,
        query="select * from {batch} where reg_status is null",
    ),
    _in_set(
        "preg_person_marital_status_in_code_list",
        "preg_person",
        "marital_status",
        list(range(10)),
        "a code outside the list means nothing to a client",
        _CODES,
    ),
    _in_set(
        "preg_person_gender_in_code_list",
        "preg_person",
        "gender",
        [0, 1],
        "a code outside the list means nothing to a client",
        _CODES,
    ),
    _in_set(
        "preg_person_custody_in_code_list",
        "preg_person",
        "custody",
        ["D", "M", "F", "A", "U"],
        "a code outside the list means nothing to a client",
        _CODES,
    ),
    TableExpectation(
        "freg_values_are_listed",
        "freg_unlisted_value",
        lambda gxe: gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="select * from {batch}", description="a value of Freg is in no list of ours"
        ),
        "a code or country that no list has is shown blank: whoever has it looks like somebody without",
        _CODES,
        severity=Severity.WARN,
        query="select * from {batch}",
    ),
    _no_rows(
        "preg_person_is_born_before_today",
        "preg_person",
        "select nin from {batch} where date_of_birth > current_date",
        "nobody is born in the future",
        "a date was read in the wrong format or column: hold the document against the source",
    ),
    _no_rows(
        "preg_person_parent_is_another",
        "preg_person",
        "select nin from {batch} where nin in (mothers_nin, fathers_nin, spouse_nin)",
        "nobody is their own parent or spouse",
        "columns were shifted or roles swapped: look at familierelasjon of the persons",
    ),
    _not_null("preg_address_nin_is_known", "preg_address", "nin", "an address belongs to a person", _MODEL),
    _no_rows(
        "preg_address_person_exists",
        "preg_address",
        "select nin from {batch} where nin not in (select nin from preg_person)",
        "an address of nobody is a lost row",
        _MODEL,
    ),
    _no_rows(
        "preg_address_one_current",
        "preg_address",
        "select nin from {batch} where current_address group by nin having count(*) > 1",
        "a client takes the current address without asking which",
        "look at intermediate.int_address__chosen",
    ),
    _not_null(
        "preg_address_current_is_known",
        "preg_address",
        "current_address",
        "an address is current or historical, nothing else",
        _MODEL,
    ),
    _in_set(
        "preg_address_postal_type_in_code_list",
        "preg_address",
        "postal_type",
        list(range(9)),
        "the kind of address decides what a client may do with it",
        _CODES,
    ),
    _not_null(
        "preg_address_postal_type_is_known",
        "preg_address",
        "postal_type",
        "an ordinary address has the code 0",
        _CODES,
    ),
    _in_set(
        "preg_address_enrichment_method_in_list",
        "preg_address",
        "enrichment_method",
        [
            "adresse_id",
            "naer_adresse_id",
            "adressekode",
            "matrikkelnummer",
            "adressenavn",
            "freg_grunnkrets",
            "none",
            "hidden",
        ],
        "the method says how far a grunnkrets can be trusted",
        "look at intermediate.int_address__enriched",
    ),
    _no_rows(
        "preg_address_enrichment_reason_is_given",
        "preg_address",
        "select nin from {batch} where (enrichment_method = 'none') <> (enrichment_reason is not null)",
        "an address without grunnkrets that does not say why cannot be mended",
        "look at intermediate.int_address__enriched",
    ),
    *(
        _no_rows(
            f"{table}_hidden_is_blank",
            table,
            "select nin from {batch} where (enrichment_method = 'hidden' or postal_type in (4, 6, 7)) and "
            + TELLS_A_PLACE,
            "a hidden address must say nothing about where it is",
            "do not publish: find the column in int_preg__address that is not `shown`",
        )
        for table in ("preg_address", "preg_other_address", "preg_address_earlier")
    ),
    _no_rows(
        "preg_state_present_is_in_preg_person",
        "preg_state",
        """
        select coalesce(states.nin, persons.nin) as nin
        from (select nin from {batch} where is_present) as states
        full outer join preg_person as persons using (nin)
        where states.nin is null or persons.nin is null
        """,
        "what PREG shows of a person is the person's one present state",
        "look at intermediate.int_person__state",
    ),
    _no_rows(
        "preg_state_ends_after_it_began",
        "preg_state",
        "select nin from {batch} where shown_to < shown_from or is_present <> (shown_to is null)",
        "a state without an order of beginning and end is shown on no day, or on all",
        "look at intermediate.int_person__state",
    ),
    _no_rows(
        "preg_change_log_changes_something",
        "preg_change_log",
        "select nin from {batch} where from_value is not distinct from to_value",
        "a change from a value to the same value is none",
        "look at intermediate.int_history__change",
    ),
    _no_rows(
        "preg_address_grunnkrets_has_eight_digits",
        "preg_address",
        "select nin from {batch} where grunnkrets_number is not null"
        " and (length(grunnkrets_number) <> 8 or try_cast(grunnkrets_number as bigint) is null)",
        "a grunnkrets is kommune (4), delomraade (2) and krets (2)",
        "Matrikkelen was delivered with another number, or a column was shifted",
    ),
    _not_null(
        "person_number_number_is_known",
        "person_number",
        "number",
        "a row without a number leads nowhere",
        _MODEL,
    ),
    _unique("person_number_number_is_unique", "person_number", "number", "a number leads to one person", _KEY),
    _no_rows(
        "person_number_person_exists",
        "person_number",
        "select number as nin from {batch} where nin is null or nin not in (select nin from preg_person)",
        "every number a person ever had leads to the person",
        _KEY,
    ),
    _no_rows(
        "person_number_covers_persons",
        "preg_person",
        "select nin from {batch} where nin not in (select number from person_number)",
        "every person is found by the present number",
        _KEY,
    ),
    _no_rows(
        "field_mapping_covers_views",
        "field_mapping",
        """
        select table_name, column_name from duckdb_columns()
        where schema_name = 'main'
            and (
                (table_name = 'preg_person'
                    and column_name not in (select column_name from {batch} where preg_entity in ('Person', 'Store')))
                or (table_name = 'preg_address'
                    and column_name not in (
                        'grunnkrets_number', 'grunnkrets_name', 'enrichment_method', 'enrichment_reason',
                        'address_type', 'valid_to', 'service_district_code', 'service_district_name',
                        'present_st'
                    )
                    and column_name not in (select column_name from {batch} where preg_entity = 'Address'))
            )
        """,
        "a column without a row in the mapping is a field that nobody can explain",
        "add the column to dbt_project/seeds/field_mapping.csv",
    ),
    TableExpectation(
        "field_catalogue_has_rows",
        "field_catalogue",
        lambda gxe: gxe.ExpectTableRowCountToBeBetween(min_value=1),
        "analysts look fields up in the catalogue",
        _MODEL,
    ),
    *(
        TableExpectation(
            f"{table}_has_rows",
            table,
            lambda gxe: gxe.ExpectTableRowCountToBeBetween(min_value=1),
            "clients look codes up in the release itself",
            f"look at dbt_project/seeds/{table}.csv",
        )
        for table in ("code_list", "landkode")
    ),
    _in_set(
        "field_comparison_kind_is_known",
        "field_comparison_differences",
        "difference_kind",
        [
            "only_left",
            "only_right",
            "format",
            "code_list",
            "meaning",
            "timing",
            "protection",
            "enrichment",
            "identity",
            "unexplained",
            "derived",
        ],
        "a difference without a kind cannot be signed off",
        "look at dbt_project/models/intermediate/comparison/int_comparison__field.sql",
    ),
    _no_rows(
        "field_comparison_hidden_is_blank",
        "field_comparison_differences",
        "select nin from {batch} where difference_kind = 'protection' and field <> 'postal_type'"
        " and (left_value is not null or right_value is not null)",
        "a comparison must not tell what the address view hides",
        "do not publish: look at dbt_project/models/intermediate/comparison/int_comparison__field.sql (is_shown)",
    ),
    _no_rows(
        "field_comparison_derived_has_a_cause",
        "field_comparison_differences",
        """
        select derived.nin
        from {batch} as derived
        left join field_comparison_differences as cause
            on derived.pair = cause.pair and derived.nin = cause.nin and derived.entity = cause.entity
                and derived.caused_by = cause.field and cause.difference_kind <> 'derived'
        where (derived.difference_kind = 'derived') <> (derived.caused_by is not null)
            or (derived.caused_by is not null and cause.field is null)
        """,
        "a difference that follows from none that is shown is counted nowhere",
        "look at dbt_project/macros/comparison_causes.sql",
    ),
    _no_rows(
        "field_comparison_summary_adds_up",
        "field_comparison_summary",
        "select field from {batch}"
        " where equal + different <> compared or causes + derived <> different or least(equal, causes, both_blank) < 0",
        "the rates of the report come from these counts",
        "look at dbt_project/models/marts/comparison/field_comparison_summary.sql",
    ),
    _no_rows(
        "field_comparison_summary_counts_the_differences",
        "field_comparison_summary",
        """
        with counted as (
            select pair, entity, field, count(*) as found from field_comparison_differences
            group by all
        )
        select field
        from {batch} as summary
        full outer join counted using (pair, entity, field)
        where coalesce(summary.different, 0) <> coalesce(counted.found, 0)
        """,
        "the summary and the list of differences tell of the same",
        "look at dbt_project/models/marts/comparison/field_comparison_summary.sql",
    ),
    _no_rows(
        "preg_person_retired_leads_to_a_person",
        "preg_person_retired",
        "select retired.nin from {batch} as retired"
        " left join person_number as number on number.number = retired.nin"
        " where retired.new_nin is distinct from number.nin or retired.nin in (select nin from preg_person)",
        "a retired number has one row, which leads to the person of today",
        _KEY,
    ),
    _no_rows(
        "preg_person_retired_has_every_former_number",
        "preg_person",
        "select nin from {batch} where old_nin is not null and old_nin not in (select nin from preg_person_retired)",
        "who has another number had it replaced: the number has a row of its own",
        _KEY,
    ),
    _no_rows(
        "preg_person_old_number_leads_to_the_person",
        "preg_person",
        "select person.nin from {batch} as person left join person_number as number on number.number = person.old_nin"
        " where person.old_nin is not null and number.nin is distinct from person.nin",
        "who asks by the old number finds the person of today",
        _KEY,
    ),
    _no_rows(
        "preg_address_earlier_has_a_state",
        "preg_address_earlier",
        "select person_nin as nin from {batch} where (person_nin, sequence_number) not in"
        " (select (person_nin, sequence_number) from preg_state)",
        "an earlier address was shown in some state of the person",
        "look at dbt_project/models/marts/history",
    ),
)
