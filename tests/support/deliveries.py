"""Deliveries as a sender would write them, for tests: any content, described truly or not."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import zstandard


def as_lines(records: list[Any]) -> bytes:
    """One JSON record per line; bytes and text are lines as they are."""
    lines = []
    for record in records:
        if isinstance(record, bytes):
            lines.append(record)
        elif isinstance(record, str):
            lines.append(record.encode())
        else:
            lines.append(json.dumps(record, ensure_ascii=False).encode())
    return b"".join(line + b"\n" for line in lines)


def packed(name: str, content: bytes) -> bytes:
    """Content as it is stored under a name: compressed where the name says so."""
    if name.endswith(".gz"):
        return gzip.compress(content)
    if name.endswith(".zst"):
        return zstandard.ZstdCompressor().compress(content)
    return content


def deliver(
    landing: Path,
    source: str,
    delivery_id: str,
    files: dict[str, bytes],
    *,
    rows: dict[str, int] | None = None,
    kind: str = "full",
    **manifest: Any,
) -> Path:
    """Write a delivery. `files`: name → content as stored. `rows` defaults to the lines of plain and packed files.

    Members of the manifest that are given replace those made here; None leaves one out.
    """
    folder = landing / source / delivery_id
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        entries.append(
            {
                "name": name,
                "rows": rows[name] if rows and name in rows else _count_rows(name, content),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )
    content = {
        "format_version": 1,
        "source": source,
        "delivery_id": delivery_id,
        "kind": kind,
        "schema_version": "1",
        "created_at": "2026-01-02T03:00:00Z",
        "sequence_from": 1,
        "sequence_to": 1000,
        "files": entries,
        **manifest,
    }
    if source == "matrikkel":
        content.setdefault("extracted_at", "2026-01-01")
    (folder / "manifest.json").write_text(
        json.dumps({name: value for name, value in content.items() if value is not None}), encoding="utf-8"
    )
    return folder


def deliver_documents(
    landing: Path, source: str, delivery_id: str, records: list[Any], *, name: str = "persons-0001.ndjson", **given: Any
) -> Path:
    """A delivery of one file of documents; rows are the records."""
    content = packed(name, as_lines(records))
    return deliver(landing, source, delivery_id, {name: content}, rows={name: len(records)}, **given)


def _count_rows(name: str, content: bytes) -> int:
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    elif name.endswith(".zst"):
        content = zstandard.ZstdDecompressor().decompress(content)
    lines = sum(1 for line in content.splitlines() if line.strip())
    return lines - 1 if ".csv" in name else lines
