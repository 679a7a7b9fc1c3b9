"""What every part of the warehouse may import: settings, errors, database sessions, masking, files.

Nothing in here knows about persons' fields, dbt or Dagster.
"""
