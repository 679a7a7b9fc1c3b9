"""How many records the pieces of a file have, and whether a line is longer than a document may be."""

from __future__ import annotations

import numpy as np

_NEWLINE, _RETURN = 10, 13
_IS_BLANK = np.zeros(256, dtype=bool)
_IS_BLANK[list(b" \t\n\v\f\r")] = True


class LineCount:
    """Counts the records in pieces of a file, and looks at the lengths of lines; no line is ever put together."""

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self.records = 0
        self.long = False
        self.doubled_returns = False
        self._length = 0
        self._blank = True

    def take(self, piece: bytes) -> None:
        """Look at the next piece."""
        values = np.frombuffer(piece, dtype=np.uint8)
        ends = np.flatnonzero(values == _NEWLINE)
        if not len(ends):
            self._go_on(piece)
            return
        self._go_on(piece[: ends[0]])
        self.end()
        self._take_whole_lines(values, ends)
        self._go_on(piece[ends[-1] + 1 :])

    def _take_whole_lines(self, values: np.ndarray, ends: np.ndarray) -> None:
        enough = ends[ends >= 2]
        returns = (values[enough - 1] == _RETURN) & (values[enough - 2] == _RETURN)
        self.doubled_returns = self.doubled_returns or bool(returns.any())
        starts = ends[:-1] + 1
        if not len(starts):
            return
        self.long = self.long or bool((ends[1:] - starts).max() > self.longest)
        if _IS_BLANK[values[starts]].any():
            # Lines that begin with a blank may be nothing but blanks.
            shown = np.logical_or.reduceat(~_IS_BLANK[values[: ends[-1] + 1]], starts)
            self.records += int(shown.sum())
        else:
            self.records += len(starts)

    def _go_on(self, part: bytes) -> None:
        self._length += len(part)
        self.long = self.long or self._length > self.longest
        self._blank = self._blank and (not part or part.isspace())

    def end(self) -> None:
        """The line that was begun ends here."""
        self.records += not self._blank
        self._length, self._blank = 0, True
