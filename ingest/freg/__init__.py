"""Freg: documents of persons, full and as changes."""
