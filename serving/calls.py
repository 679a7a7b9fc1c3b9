"""A call, whatever its interface: who asks is let in, the answer comes from one release, and the log has it first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio

from foundation.settings import Settings
from ingest.contracts.numbers import has_check_digits
from operations.log import open_log
from serving.access.access_log import AccessLog
from serving.access.entry import Caller, Entry
from serving.help_numbers.service import HelpNumbers
from serving.services.look_up import Refused
from serving.settings import ServingSettings
from serving.store.read_store import CurrentStore, Reader, TakesTooLong, within

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Question:
    """What is asked, for the log. numbers: of the persons who are asked for; blank where the answer names them."""

    interface: str
    operation: str
    numbers: Sequence[str] = ()


class Services:
    """What one process serves."""

    def __init__(self, settings: Settings, serving: ServingSettings) -> None:
        self.settings = settings
        self.serving = serving
        self.entry = Entry(settings, serving)
        # How many hashes of passwords are computed at a time.
        self.password_checks = anyio.CapacityLimiter(2)
        self.help_numbers = HelpNumbers(settings, serving)
        self.current = CurrentStore(settings, self.help_numbers)
        self.log = AccessLog(settings)
        # What happened to the service itself: never who was asked for.
        self.events = open_log(settings)

    def reader(self, caller: Caller) -> Reader:
        """What a caller may see of the release that is current, and of help numbers. Raises `NothingServed`."""
        return self.current.store().reader(caller.profile)

    def answer(self, caller: Caller, reader: Reader, question: Question, ask: Callable[[Reader], Answer]) -> Answer:
        """The answer to a question, after the log has it. Raises what `ask` raises; the log has that, too."""
        try:
            with within(self.serving.answer_seconds):
                found = ask(reader)
        except TakesTooLong as error:
            self._write(caller, reader, question, question.numbers, "refused")
            raise Refused(error.what, todo=error.todo) from error
        except Refused:
            self._write(caller, reader, question, question.numbers, "refused")
            raise
        shown = numbers_in(found)
        outcome = "shown" if shown else "refused" if is_refusal(found) else "nothing found"
        self._write(caller, reader, question, list(dict.fromkeys([*question.numbers, *shown])), outcome)
        return found

    def _write(self, caller: Caller, reader: Reader, question: Question, numbers: Sequence[str], outcome: str) -> None:
        self.log.write(
            client=caller.client.user_name,
            interface=question.interface,
            operation=question.operation,
            numbers=numbers,
            outcome=outcome,
            purpose=caller.client.purpose,
            release_id=reader.release_id,
        )

    def close(self) -> None:
        """The process ends: what is in the log is on the disk."""
        self.log.close()
        self.help_numbers.close()


def checked_number(text: str | None, place: str = "the number") -> str:
    """A person's number as it was given. Raises `Refused` when it can be nobody's, with none of its digits."""
    number = (text or "").strip()
    if not number:
        raise Refused(f"{place} is blank", todo="give eleven digits")
    if not has_check_digits(number):
        raise Refused(f"{place} is no person's number", todo="give eleven digits whose check digits fit")
    return number


def numbers_in(answer: Any) -> list[str]:
    """The numbers of the persons whom an answer shows: of a record, a list of them, or a page; or whom it counts."""
    if counted := getattr(answer, "counted", ()):
        return list(counted)
    persons: Any = [answer] if isinstance(answer, dict) else getattr(answer, "persons", answer)
    if not isinstance(persons, list):
        return []
    # Of a retired number the answer tells whose it is now.
    return [person[name] for person in persons for name in ("nin", "new_nin") if person.get(name)]


def is_refusal(answer: Any) -> bool:
    """Whether an answer says in its interface's own form that the question is not answered."""
    return isinstance(answer, Refused) or getattr(answer, "code", "") == "QE"
