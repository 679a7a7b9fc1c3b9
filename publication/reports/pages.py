"""Templates of pages, all set up alike: values in a page are text, no matter who wrote it."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from foundation.text import printable

_LONGEST = 10_000


def page_templates(package: str, folder: str = "templates") -> Environment:
    """The templates in a folder of a package.

    A value is escaped, and shows control characters and marks that change the direction of writing as escapes; a value
    that is missing is an error.
    """
    return Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=_shown,
    )


def _shown(value: Any) -> Any:
    return printable(value, _LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value
