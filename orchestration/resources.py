"""What the assets share: the settings, the writer's lock, and how our errors become Dagster's."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Self

import dagster as dg
from pydantic import PrivateAttr

from foundation.errors import PregError
from foundation.settings import Settings
from foundation.writer_lock import writer_lock
from operations.metrics import write_metrics
from operations.recorder import Recorder
from orchestration.progress import is_listened_to, listener, listening
from publication.store.release import current_release


class WarehouseResource(dg.ConfigurableResource):
    """The data directory of the settings, held for writing as long as a run lasts.

    It has no configuration: a run started in Dagster chooses no folder (see `foundation.settings` for who does).
    """

    _settings: Settings | None = PrivateAttr(default=None)

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        if self._settings is None:
            self._settings = Settings()
        return self._settings

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self, None, None]:
        """Take the writer's lock at the start of a run and give it back at its end."""
        with writer_lock(self.settings, on_wait=lambda text: context.log.info(text) if context.log else None):
            if is_listened_to():
                # `preg run` records its run itself.
                yield self
                return
            before = current_release(self.settings)
            recorder = Recorder(self.settings, listener())
            with listening(recorder):
                yield self
            after = current_release(self.settings)
            published = after is not None and after != before
            # The sensor `tell_of_failures` reports whether a step failed; a resource does not learn it.
            recorder.ended("published" if published else "nothing published", after.release_id if after else "")
            with suppress(OSError, PregError):
                write_metrics(self.settings)


@contextmanager
def failures_for_people() -> Iterator[None]:
    """Show an error of ours as a failure with its message, without a stack trace and without a retry."""
    try:
        yield
    except PregError as error:
        raise dg.Failure(
            description=str(error),
            metadata={"where": error.where or "-", "to do": error.todo or "-", "exit code": error.exit_code},
            allow_retries=False,
        ) from error
