"""Persontjenesten for tests: HelseID with DPoP, and the published operations, over delivered persons."""
