"""Persontjenesten as Dagster sees it: its events in the landing folder."""
