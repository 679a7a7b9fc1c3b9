"""Measurements, as ratios to a unit of the same process."""
