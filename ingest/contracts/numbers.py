"""Foedselsnummer and D-number: 11 digits, the last two of them check digits.

The k2 sum is 0 modulo 11. The k1 sum is 0 for numbers issued before 2032 and 0, 1, 2 or 3 for those issued from
2032 on; both are accepted side by side. Neither gender nor birth date is ever read from a number.
"""

from __future__ import annotations

K1_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
K2_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
K1_REMAINDERS = (0, 1, 2, 3)
DIGITS = 11


def is_valid_number(number: str) -> bool:
    """Whether `number` is 11 digits with check digits that fit."""
    if len(number) != DIGITS or not (number.isascii() and number.isdigit()):
        return False
    digits = [int(digit) for digit in number]
    k1 = sum(weight * digit for weight, digit in zip(K1_WEIGHTS, digits, strict=False)) % 11
    k2 = sum(weight * digit for weight, digit in zip(K2_WEIGHTS, digits, strict=True)) % 11
    return k1 in K1_REMAINDERS and k2 == 0


def is_valid_number_sql(number: str) -> str:
    """The same as a SQL expression over `number` (an expression of type VARCHAR); NULL gives FALSE."""
    value = f"try_cast({number} as bigint)"
    k1 = _weighted_sum(value, K1_WEIGHTS)
    k2 = _weighted_sum(value, K2_WEIGHTS)
    remainders = ", ".join(str(remainder) for remainder in K1_REMAINDERS)
    return (
        f"coalesce(length({number}) = {DIGITS} and regexp_full_match({number}, '[0-9]+')"
        f" and ({k1}) % 11 in ({remainders}) and ({k2}) % 11 = 0, false)"
    )


def is_placeholder_number_sql(number: str) -> str:
    """SQL: whether `number` is one digit eleven times; of 00000000000 even the check digits fit. NULL gives FALSE."""
    return f"coalesce(length({number}) = {DIGITS} and {number} = repeat(left({number}, 1), {DIGITS}), false)"


def _weighted_sum(value: str, weights: tuple[int, ...]) -> str:
    terms = (f"{weight} * ({value} // {10 ** (DIGITS - 1 - place)} % 10)" for place, weight in enumerate(weights))
    return " + ".join(terms)
