"""Templates of pages, all set up alike: a value is text, no matter who wrote it; words come in two languages."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from foundation.text import printable

_LONGEST = 10_000

# The pages of a release that are written in both languages, and those that they lead to.
PAGES = (
    ("index.html", "Migrering", "Migration"),
    ("fields.html", "Alle felt", "Every field"),
    ("release.html", "Utgivelsen", "The release"),
    ("gate.html", "Kontrollene", "The checks"),
    ("publications.html", "Leveranseoversikt", "Delivery overview"),
)


def page_templates(package: str, folder: str = "templates") -> Environment:
    """The templates in a folder of a package.

    A value is escaped, and shows control characters and marks that change the direction of writing as escapes; a value
    that is missing is an error. `t` writes a text in both languages, `count` and `percent` a number.
    """
    environment = Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=_shown,
    )
    environment.globals.update(t=_in_both_languages, pages=PAGES)
    environment.filters.update(count=_count, percent=_percent)
    return environment


def _in_both_languages(norsk: str, english: str, /, **values: Any) -> Markup:
    """A text of ours in both languages, of which the page shows one, with `values` in the places that it names."""
    shown = {name: _shown(value) for name, value in values.items()}
    return Markup("").join(
        Markup('<span class="t" lang="{}">{}</span>').format(language, Markup(text).format(**shown))  # noqa: S704
        for language, text in (("no", norsk), ("en", english))
    )


def _count(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ")


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _shown(value: Any) -> Any:
    return printable(value, _LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value
