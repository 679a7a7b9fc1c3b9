"""Deliveries in: contracts of the sources, landing, loading into the schema `raw`, synthetic deliveries."""
