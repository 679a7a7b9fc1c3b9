"""The dbt models as Dagster assets."""
