"""Great Expectations' Data Docs of a candidate: a page a table, and an index.

Great Expectations' own renderer makes the pages, from results in which every value of a row has been taken out: a page
says how many rows broke an expectation, never whose. The pages need no network: what the template would fetch is
taken out, and a style sheet of ours takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

# Members of a result that hold rows or values of them.
_VALUES = (
    "partial_unexpected_list",
    "partial_unexpected_counts",
    "partial_unexpected_index_list",
    "unexpected_list",
    "unexpected_index_list",
    "unexpected_rows",
    "unexpected_index_query",
)
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1b1f}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #d5d5dc;padding:.4rem .6rem;text-align:left;
vertical-align:top}h1,h2,h3,h4,h5{line-height:1.25}a{color:#0b57a4}
.d-none,.hide-succeeded-validations-column,#ge-cta-footer,.modal,nav,button,svg,.card:has(input){display:none}
.text-success::before{content:"✓ met";color:#17663a}.text-danger.fas::before{content:"✗ broken";color:#a3231f}
.text-warning::before{content:"! did not run";color:#7a5200}
"""
_FETCHED = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<noscript\b.*?</noscript>|<iframe\b.*?</iframe>"
    r"|<footer\b.*?</footer>|\shref=\"(?:https?:|\.\./)[^\"]*\"",
    re.DOTALL | re.IGNORECASE,
)
_STYLE_BLOCKS = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)


def write_data_docs(validations: Mapping[str, Any], folder: Path) -> None:
    """Write a page for each table: `validations` is table → Great Expectations' validation result."""
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    # One for all pages: it keeps the templates that it has compiled.
    view = DefaultJinjaPageView()
    for table, validation in sorted(validations.items()):
        for result in validation.results:
            _take_values_out(result)
        document = ValidationResultsPageRenderer(run_info_at_end=True).render(validation)
        page = view.render(document)
        (folder / f"{table}.html").write_text(_offline(page, table), encoding="utf-8")
        passed = sum(bool(result.success) for result in validation.results)
        rows.append(
            f'<tr><td><a href="{escape(table)}.html">{escape(table)}</a></td>'
            f"<td>{passed} of {len(validation.results)}</td></tr>"
        )
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Expectations</title>'
        f"<style>{_STYLE}</style></head><body><h1>Expectations by table</h1><p>"
        '<a href="../gate.html">All checks of the gate</a></p>'
        f"<table><tr><th>table</th><th>expectations met</th></tr>{''.join(rows)}</table></body></html>",
        encoding="utf-8",
    )


def _take_values_out(result: Any) -> None:
    for holder in (result.result, (result.result or {}).get("details")):
        if isinstance(holder, dict):
            for member in _VALUES:
                holder.pop(member, None)
    result.exception_info = {}


def _offline(page: str, table: str) -> str:
    """The page without anything that a browser would fetch."""
    bare = _STYLE_BLOCKS.sub("", _FETCHED.sub("", page))
    head = f'<head><meta charset="utf-8"><title>{escape(table)}</title><style>{_STYLE}</style>'
    bare = re.sub(
        r"<head\b[^>]*>.*?</head>", lambda _: head + "</head>", bare, count=1, flags=re.DOTALL | re.IGNORECASE
    )
    back = '<p><a href="index.html">All tables</a></p>'
    return re.sub(r"(<body\b[^>]*>)", lambda match: match.group(1) + back, bare, count=1, flags=re.IGNORECASE)
