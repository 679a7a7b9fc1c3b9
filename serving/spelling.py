"""Words of names as the store has them: folded, and as they sound.

By the macros of the release's views (`publication/candidate/release_views/name_spelling.sql`), in a DuckDB of its own:
what is sought is folded as what is found was.
"""

from __future__ import annotations

import threading
from difflib import SequenceMatcher
from functools import cache, lru_cache

import duckdb

from publication.candidate.candidate import view_statements

_of_thread = threading.local()


@lru_cache(maxsize=100_000)
def words_of(text: str) -> tuple[tuple[str, str | None], ...]:
    """The words of a text, folded, each with what it sounds like; None for a word without letters.

    What has neither a letter nor a digit is no word: the full text would look for it and find nobody.
    """
    session = _session()
    # SQLite ends a text at a NUL.
    session.execute("update asked set spelling = ?", [text.replace("\0", " ")])
    found = session.execute("execute spelt").fetchall()
    return tuple((word, sound) for word, sound in found if any(map(str.isalnum, word)))


@cache
def _database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute(view_statements("name_spelling"))
    return connection


def _session() -> duckdb.DuckDBPyConnection:
    session: duckdb.DuckDBPyConnection | None = getattr(_of_thread, "session", None)
    if session is None:
        session = _database().cursor()
        # To plan it takes ten times as long as to execute it. What is executed takes no parameters of Python's: the
        # text comes as the row of a table, never as SQL.
        session.execute("create temp table asked as select cast('' as varchar) as spelling")
        session.execute(
            "prepare spelt as select word, phonetic_key(word) from ("
            "select unnest(string_split(folded_name(spelling), ' ')) as word from asked)"
        )
        _of_thread.session = session
    return session


def has_words(text: str | None, sought: str) -> bool:
    """Whether every word that is sought is a word of a text, or the beginning of one: SQLite's `has_words`."""
    words = [word for word, _ in words_of(text or "")]
    return all(any(word.startswith(each) for word in words) for each, _ in words_of(sought))


def closeness(name: str, sought: str) -> float:
    """How much of what is sought is written as in a name, 0 to 1: SQLite's `closeness`.

    The mean over the sought words of how alike the most alike word of the name is. It orders what was found already, so
    only small letters are made of the names of hundreds of persons.
    """
    words = name.casefold().split()
    asked = sought.casefold().split()
    if not words or not asked:
        return 0.0
    return sum(max(_alike(each, word) for word in words) for each in asked) / len(asked)


@lru_cache(maxsize=100_000)
def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
