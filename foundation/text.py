"""Text that somebody else has written, made fit to be shown."""

from __future__ import annotations

LONGEST = 200


def printable(text: object, limit: int = LONGEST) -> str:
    """`text` on one line, at most `limit` characters, with nothing in it that a terminal or a page would act upon.

    Control characters, line ends, marks that change the direction of writing and lone surrogates are shown as escapes
    (\\x1b, \\u202e); what is cut off is shown as an ellipsis. Letters of every language stay as they are.
    """
    shown = str(text)[: limit + 1]
    escaped = "".join(
        character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in shown
    )
    return escaped if len(shown) <= limit and len(escaped) <= 2 * limit else f"{escaped[:limit]}…"
