"""What an exported PREG person must have so that it can be compared with ours."""

from __future__ import annotations

from ingest.documents import Requirement

REQUIREMENTS = (Requirement("no_number", "coalesce(NIN, '') = ''", "NIN is missing"),)
