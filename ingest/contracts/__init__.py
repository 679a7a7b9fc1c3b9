"""The formats that we exchange with others, as data (`tables/`) and as types.

The only part of `ingest` that the other packages may import.
"""
