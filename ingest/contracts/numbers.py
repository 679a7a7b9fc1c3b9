"""Foedselsnummer and D-number: 11 digits, the first six of them a day, the last two check digits.

The day of a D-number has 40 added. The month of a synthetic number has 40, 65 or 80 added. A number whose day does not
exist is none. The common help number of the health sector (felles hjelpenummer, FH) begins with 8 or 9, has the same
check digits and no day.

The k2 sum is 0 modulo 11. The k1 sum is 0 for numbers issued before 2032 and 0, 1, 2 or 3 for those issued from
2032 on; both are accepted side by side. Neither gender nor birth date is ever read from a number.
"""

from __future__ import annotations

K1_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
K2_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
K1_REMAINDERS = (0, 1, 2, 3)
DIGITS = 11
D_NUMBER = 40
# Added to the month: nothing, or by one of the series of synthetic persons.
MONTH_SERIES = (0, 40, 65, 80)
# A year that has the last two digits of a number is a leap year if the digits can be divided by four: which century it
# is cannot be read from a number issued from 2032 on.
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_valid_number(number: str) -> bool:
    """Whether `number` is 11 digits of a day that exists, with check digits that fit."""
    return has_check_digits(number) and _has_day(number)


def has_check_digits(number: str) -> bool:
    """Whether `number` is 11 digits of which the last two are check digits of the others; an FH number is, too."""
    if len(number) != DIGITS or not (number.isascii() and number.isdigit()):
        return False
    digits = [int(digit) for digit in number]
    k1 = sum(weight * digit for weight, digit in zip(K1_WEIGHTS, digits, strict=False)) % 11
    k2 = sum(weight * digit for weight, digit in zip(K2_WEIGHTS, digits, strict=True)) % 11
    return k1 in K1_REMAINDERS and k2 == 0


def is_help_number(number: str) -> bool:
    """Whether `number` is a common help number (FH)."""
    return has_check_digits(number) and number[0] in "89"


def _has_day(number: str) -> bool:
    day, month, year = int(number[:2]), int(number[2:4]), int(number[4:6])
    day -= D_NUMBER if day > D_NUMBER else 0
    for added in MONTH_SERIES:
        if 1 <= month - added <= 12:
            leap = month - added == 2 and year % 4 == 0
            return 1 <= day <= _DAYS[month - added - 1] + leap
    return False


def is_valid_number_sql(number: str) -> str:
    """The same as a SQL expression over `number` (an expression of type VARCHAR); NULL gives FALSE."""
    return f"({has_check_digits_sql(number)} and {_has_day_sql(number)})"


def has_check_digits_sql(number: str) -> str:
    """`has_check_digits` as a SQL expression; NULL gives FALSE."""
    value = f"try_cast({number} as bigint)"
    k1 = _weighted_sum(value, K1_WEIGHTS)
    k2 = _weighted_sum(value, K2_WEIGHTS)
    remainders = ", ".join(str(remainder) for remainder in K1_REMAINDERS)
    return (
        f"coalesce(length({number}) = {DIGITS} and regexp_full_match({number}, '[0-9]+')"
        f" and ({k1}) % 11 in ({remainders}) and ({k2}) % 11 = 0, false)"
    )


def is_help_number_sql(number: str) -> str:
    """`is_help_number` as a SQL expression; NULL gives FALSE."""
    return f"({has_check_digits_sql(number)} and coalesce(left({number}, 1) in ('8', '9'), false))"


def _has_day_sql(number: str) -> str:
    day = f"(try_cast(substr({number}, 1, 2) as integer) % {D_NUMBER})"
    month, year = (f"try_cast(substr({number}, {place}, 2) as integer)" for place in (3, 5))
    months = " ".join(
        f"when {month} between {added + 1} and {added + 12} then {month} - {added}" for added in MONTH_SERIES
    )
    days = ", ".join(map(str, _DAYS))
    return (
        f"coalesce(left({number}, 1) < '8' and {day} > 0 and {day} <= list_transform([case {months} end],"
        f" lambda month: [{days}][month] + cast(month = 2 and {year} % 4 = 0 as integer))[1], false)"
    )


def is_placeholder_number_sql(number: str) -> str:
    """SQL: whether `number` is one digit eleven times; of 00000000000 even the check digits fit. NULL gives FALSE."""
    return f"coalesce(length({number}) = {DIGITS} and {number} = repeat(left({number}, 1), {DIGITS}), false)"


def _weighted_sum(value: str, weights: tuple[int, ...]) -> str:
    terms = (f"{weight} * ({value} // {10 ** (DIGITS - 1 - place)} % 10)" for place, weight in enumerate(weights))
    return " + ".join(terms)
