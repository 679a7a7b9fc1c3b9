"""Words of names as the store has them: folded, and as they sound.

By the macros of the release's views (`publication/candidate/release_views/name_spelling.sql`), in a DuckDB of its own:
what is sought is folded as what is found was.
"""

from __future__ import annotations

import threading
from functools import cache, lru_cache

import duckdb

from foundation.database import sql_text
from publication.candidate.candidate import view_statements

_of_thread = threading.local()


@lru_cache(maxsize=100_000)
def words_of(text: str) -> tuple[tuple[str, str | None], ...]:
    """The words of a text, folded, each with what it sounds like; None for a word without letters."""
    # What a literal cannot have is no letter of a word either.
    literal = sql_text(text.replace("\0", " "))
    return tuple(_session().execute(f"execute spelt({literal})").fetchall())


@cache
def _database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute(view_statements("name_spelling"))
    return connection


def _session() -> duckdb.DuckDBPyConnection:
    session: duckdb.DuckDBPyConnection | None = getattr(_of_thread, "session", None)
    if session is None:
        session = _database().cursor()
        # To plan it takes twenty times as long as to execute it. (DuckDB takes no parameters of Python's for it.)
        session.execute(
            "prepare spelt as select word, phonetic_key(word) from ("
            "select unnest(string_split(folded_name($1), ' ')) as word) where word <> ''"
        )
        _of_thread.session = session
    return session


def has_words(text: str | None, sought: str) -> bool:
    """Whether every word that is sought is a word of a text, or the beginning of one: SQLite's `has_words`."""
    words = [word for word, _ in words_of(text or "")]
    return all(any(word.startswith(each) for word in words) for each, _ in words_of(sought))
