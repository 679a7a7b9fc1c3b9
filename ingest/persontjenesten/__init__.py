"""Persontjenesten: one Person a line."""
