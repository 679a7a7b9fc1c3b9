"""Deliveries: the raw assets and the sensor that sees new ones."""
