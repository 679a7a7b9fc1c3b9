"""From the marts to a release: the candidate, the gate's checks, the publication."""
