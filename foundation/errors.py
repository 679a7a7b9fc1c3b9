"""Errors for the person who meets them: what happened, where, and what to do.

Every error that bad input or the machine can cause is a `PregError`; the command line prints it without a
stack trace and exits with its `exit_code` (0 published or nothing new, 3 the gate stopped
publication, 1 anything else).
"""

from __future__ import annotations

from foundation.text import printable

# A path is shown whole as long as an operating system takes it.
_LONGEST_PLACE = 4096


class PregError(Exception):
    """A failure with a message for a person.

    what: what happened. where: file, line, delivery or folder. todo: what to do about it.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(self.as_text())

    def as_text(self) -> str:
        """The message as three labelled lines, empty parts left out."""
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.todo:
            lines.append(f"  to do: {self.todo}")
        return "\n".join(lines)


class ConfigurationError(PregError):
    """A setting that cannot be used."""


class DeliveryRefused(PregError):
    """A delivery that cannot be loaded as a whole; nothing of it was loaded.

    Names of folders and files are the sender's: they are made printable here.
    """

    def __init__(self, what: str, *, where: str, todo: str, source: str = "", delivery_id: str = "") -> None:
        self.source = printable(source)
        self.delivery_id = printable(delivery_id)
        super().__init__(what, where=printable(where, _LONGEST_PLACE), todo=todo)

    @property
    def name(self) -> str:
        """Which delivery it is, as people write it: source/id."""
        return f"{self.source}/{self.delivery_id}"


class WarehouseBusy(PregError):
    """Another run holds the writer's lock."""


class MachineFailure(PregError):
    """The machine gave out: no space left, a file that cannot be read or written."""


class BuildFailed(PregError):
    """A model of the warehouse could not be built (not a check that fired: see `GateStopped`)."""


class GateStopped(PregError):
    """A blocking check fired; nothing was published."""

    exit_code = 3


class ApprovalNeeded(GateStopped):
    """Nothing blocks, but a person has to put a name to the publication."""
