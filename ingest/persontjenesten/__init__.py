"""Persontjenesten: one Person per line."""
