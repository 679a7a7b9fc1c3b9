"""Felles hjelpenummer (FH): the common help number, its register and what is done with it; no HTTP here."""
