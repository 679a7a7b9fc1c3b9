"""Matrikkelen: address files and the table that leads from a grunnkrets to its bydel."""
