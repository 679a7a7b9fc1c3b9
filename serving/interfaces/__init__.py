"""The shapes in which the services are asked: each translates, and decides nothing."""
