"""Dagster: the assets, checks, jobs, schedules and sensors that run the other packages.

A folder per thing that is orchestrated; logic lives in `ingest`, `quality` and `publication`.
"""
