"""What a delivery may ask of the machine; compared with it before anything is parsed."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.settings import Settings

# Small files may unpack to this much, independent of their size.
_ALWAYS_UNPACKED = 64 << 20


@dataclass(frozen=True)
class Limits:
    """`largest`: bytes of a line. `deepest`, `most_elements`: of a document. `most_unpacked`: times a file's bytes.

    `refuse_share`: share of records in quarantine above which a delivery is refused.
    """

    largest: int
    deepest: int
    most_elements: int
    most_unpacked: int
    refuse_share: float

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the settings give."""
        return cls(
            settings.largest_document,
            settings.deepest_document,
            settings.most_elements,
            settings.most_unpacked,
            settings.refuse_share,
        )

    def unpacked(self, stored: int) -> int:
        """Bytes that a file of `stored` bytes may unpack to."""
        return max(_ALWAYS_UNPACKED, self.most_unpacked * stored)
