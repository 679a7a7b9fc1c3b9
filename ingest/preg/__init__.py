"""Exports of the running PREG: one Person with its Addresses a line."""
