"""Synthetic deliveries: a made-up register, shaped as the real one, in the formats of the real deliveries.

`population/` makes the people, `elements/` their entries in Freg, `events.py` what happens to them day by day; the
other modules write it down as deliveries. Everything is SQL in DuckDB over sets of persons. The same seed gives the
same files.
"""
