"""Loading Freg documents in the form that they have now and in the older one (foedsel once), against a bare typed read.

python -m benchmarks.older_form --persons 100000
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import zstandard

from benchmarks.full_run import Table, bare_read
from foundation.settings import Settings
from ingest.deliveries import load_new
from ingest.landing import take_inventory
from ingest.landing_writer import new_delivery
from ingest.synthetic.sample import SampleSize, write_sample


def write_older(landing: Path, older: Path) -> None:
    """Write the full Freg delivery of `landing` to `older` with foedsel and foedselINorge once, not in a list."""
    (delivery,) = take_inventory(landing).of("freg")
    manifest = delivery.manifest
    with new_delivery(
        older, "freg", manifest.delivery_id, kind="full", created_at=manifest.created_at,
        sequence_from=manifest.sequence_from, sequence_to=manifest.sequence_to,
    ) as writer:  # fmt: skip
        for file in manifest.files:
            content = zstandard.ZstdDecompressor().stream_reader(delivery.path(file).open("rb")).read()
            lines = []
            for line in content.decode().splitlines():
                document = json.loads(line)
                person = document["folkeregisterperson"]
                for element in ("foedsel", "foedselINorge"):
                    if element in person:
                        (person[element],) = person[element]
                lines.append(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
            packed = zstandard.ZstdCompressor().compress(("\n".join(lines) + "\n").encode())
            (writer.folder / file.name).write_bytes(packed)
            writer.add(file.name, len(lines))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=100_000)
    persons = parser.parse_args().persons
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample(SampleSize(persons=persons, seed=3, days=0), folder / "now")
        write_older(folder / "now", folder / "older")
        table = Table()
        table.measure("bare typed read of Freg (the unit)", lambda: bare_read(folder / "now", folder / "bare.duckdb"))
        table.unit = table.rows[0][1]
        for form in ("now", "older"):
            settings = Settings(landing_dir=folder / form, data_dir=folder / f"data-{form}")
            table.measure(f"load, {form}", lambda settings=settings: load_new(settings, ["freg"]))  # type: ignore[misc]
        table.show()


if __name__ == "__main__":
    main()
