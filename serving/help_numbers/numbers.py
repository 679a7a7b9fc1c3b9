"""Drawing a common help number: eleven digits, the first 8 or 9, the last two check digits of the others.

A number says nothing of its person, and the numbers issued before say nothing of the next: the digits after the series
are drawn by the operating system's generator (docs/decisions/0044).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from ingest.contracts.numbers import DIGITS, K1_WEIGHTS, K2_WEIGHTS

# Digits before the two check digits.
_FREE = DIGITS - 2


def draw_number(series: Sequence[str]) -> str:
    """A number of one of the series (each the first digits of its numbers); it may have been issued before."""
    while True:
        begins = secrets.choice(series)
        digits = begins + "".join(secrets.choice("0123456789") for _ in range(_FREE - len(begins)))
        if (number := with_check_digits(digits)) is not None:
            return number


def with_check_digits(digits: str) -> str | None:
    """Nine digits with their two check digits; None where there are none.

    The sum k1 is 0, as it was before 2032: a receiver that knows one of the two rules only takes the number, too.
    """
    for weights in (K1_WEIGHTS, K2_WEIGHTS):
        # The last weight, the check digit's own, is 1.
        control = -sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % 11
        if control == 10:
            return None
        digits += str(control)
    return digits


def numbers_in_series(series: Sequence[str]) -> int:
    """About how many numbers there are: of eleven texts of digits ten have a check digit, twice."""
    return sum(10 ** (_FREE - len(begins)) * 100 // 121 for begins in series)
