"""Looks for numbers in the repository that could be those of real persons: valid, and without month + 80.

python tests/support/synthetic_only.py: prints where, exit status 1 when there is one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).parents[2]
_K1 = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_K2 = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
# Not a part of a longer number or of a hash.
_CANDIDATE = re.compile(r"(?<![\w.])\d{11}(?![\w.])")


def could_be_real(number: str) -> bool:
    """Whether a text of 11 digits is a valid number of a date, by the rule before 2032."""
    digits = [int(digit) for digit in number]
    day = 10 * (digits[0] - 4 if digits[0] > 3 else digits[0]) + digits[1]
    month = 10 * digits[2] + digits[3]
    k1 = sum(weight * digit for weight, digit in zip(_K1, digits, strict=False))
    k2 = sum(weight * digit for weight, digit in zip(_K2, digits, strict=True))
    return 1 <= day <= 31 and 1 <= month <= 12 and k1 % 11 == 0 and k2 % 11 == 0


def findings() -> list[str]:
    """File and number of each that could be real, in the files that git tracks."""
    files = subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, text=True, check=True, cwd=_REPOSITORY
    ).stdout.split("\0")
    found = []
    for name in filter(None, files):
        try:
            text = (_REPOSITORY / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        found += [f"{name}: {number}" for number in _CANDIDATE.findall(text) if could_be_real(number)]
    return found


if __name__ == "__main__":
    problems = findings()
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
