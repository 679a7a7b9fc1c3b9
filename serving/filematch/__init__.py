"""Filematch ("vask"): a client's own register, given back with who each row is and what the register has of the person.

`wash.py` is the way of a file; the rules stand in `rules/*.sql`, the model that compares names in `model.json`.
"""
