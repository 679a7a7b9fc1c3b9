"""How a value of a difference is shown without being one: its shape, never its content."""

from __future__ import annotations

# Compare rules whose values are codes of public lists: they say nothing about who has them.
_SHOWN_RULES = ("code",)


# What replaces a value where a code was expected: somebody may have written anything there, a name too.
UNKNOWN_CODE = "(a value that the list does not have)"


def masked_sql(value: str, other: str, compare_rule: str, is_known_code: str = "false") -> str:
    """SQL: `value` (an expression) as the page may show it; NULL stays NULL.

    A code of a list is shown as it is (`is_known_code`: a condition); a letter becomes a or A, a digit 0, and a day
    says how far it is from `other`.
    """
    shape = (
        f"regexp_replace(regexp_replace(regexp_replace({value}, '[[:lower:]æøå]', 'a', 'g'),"
        " '[[:upper:]ÆØÅ]', 'A', 'g'), '[0-9]', '0', 'g')"
    )
    # Letters of other alphabets, and letters with marks.
    shape = f"regexp_replace({shape}, '[^aA0[:punct:][:space:]]', 'a', 'g')"
    distance = f"date_diff('day', try_cast({other} as date), try_cast({value} as date))"
    return (
        f"case when {compare_rule} in {_in(_SHOWN_RULES)} then"
        f" case when {value} is null or ({is_known_code}) then {value} else '{UNKNOWN_CODE}' end"
        f" when {compare_rule} = 'day' and {distance} is not null then"
        f" {shape} || ' (' || case when {distance} >= 0 then '+' else '' end || {distance} || ' d)'"
        f" else {shape} end"
    )


def _in(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"
