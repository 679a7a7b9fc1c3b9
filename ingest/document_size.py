"""How deep and how large a document is, in SQL that does not recurse: before anything that does looks at it.

DuckDB takes a document apart by recursion: fifty thousand lists in each other end its process. Here only the text is
looked at. Most documents are small enough not to be measured at all.
"""

from __future__ import annotations

from ingest.limits import Limits

TOO_DEEP = "too_deep"
TOO_MANY_ELEMENTS = "too_many_elements"

# A text of valid JSON without its strings; what is left has no bracket or comma that is not one.
_WITHOUT_STRINGS = r"""regexp_replace({text}, '"([^"\\]|\\.)*"', '', 'g')"""


def excess_sql(text: str, limits: Limits, *, unmeasured: int) -> str:
    """SQL: the reason code by which a document exceeds the limits, or NULL. `text`: its valid JSON, as VARCHAR.

    unmeasured: a document with at most this many lists and objects is not deeper than that; its depth is not measured.
    """
    opened = f"strlen({text}) - strlen(replace(replace({text}, '{{', ''), '[', ''))"
    # Every value takes two characters at least.
    small = f"strlen({text}) <= {2 * limits.most_elements} and {opened} <= {unmeasured}"
    bare = _WITHOUT_STRINGS.format(text=text)
    return f"case when not ({small}) then list_transform([{bare}], lambda bare: {_excess_of('bare', limits)})[1] end"


def reason_sql(code: str, limits: Limits) -> str:
    """SQL: the message for a code of `excess_sql`."""
    return (
        f"case {code} when '{TOO_DEEP}' then 'lists and objects are nested more than {limits.deepest} deep'"
        f" else 'the document has more than {limits.most_elements} values' end"
    )


def _excess_of(bare: str, limits: Limits) -> str:
    values = f"strlen({bare}) - strlen(regexp_replace({bare}, '[,\\[{{]', '', 'g'))"
    return (
        f"case when {values} > {limits.most_elements} then '{TOO_MANY_ELEMENTS}'"
        f" when {_peeled(bare, limits.deepest)} <> '' then '{TOO_DEEP}' end"
    )


def _peeled(bare: str, levels: int) -> str:
    """SQL: the brackets that are left when the innermost have been taken away `levels` times."""
    brackets = f"translate(regexp_replace({bare}, '[^\\[\\]{{}}]', '', 'g'), '{{}}', '[]')"
    return "replace(" * levels + brackets + ", '[]', '')" * levels
