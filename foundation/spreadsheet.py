"""Text for files that people open in a spreadsheet: a cell that begins as a formula is executed there.

OWASP calls it CSV injection. A leading apostrophe makes text of it; what is a number stays one.
"""

from __future__ import annotations

import re

# What a spreadsheet takes for the beginning of a formula, also in the wide letters of East Asian keyboards.
_BEGINS_FORMULA = r"[=+\-@\t\r\n＝＋－＠]"
_NUMBER = r"[+-]?[0-9]+([.,][0-9]+)?"


def safe_cell(text: str) -> str:
    """`text` as a cell of a CSV file for people: with a leading apostrophe where a spreadsheet would execute it."""
    if re.match(_BEGINS_FORMULA, text) and not re.fullmatch(_NUMBER, text):
        return f"'{text}"
    return text


def safe_cell_sql(expression: str) -> str:
    """The same as a SQL expression over a text."""
    # Of a million cells a class of letters takes ten times as long.
    formula = f"left({expression}, 1) in ('=', '+', '-', '@', chr(9), chr(13), chr(10), '＝', '＋', '－', '＠')"
    number = f"regexp_full_match({expression}, '{_NUMBER}')"
    return f"case when {formula} and not {number} then '''' || {expression} else {expression} end"
