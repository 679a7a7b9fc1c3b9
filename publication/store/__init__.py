"""The store of releases: publishing, making current, verifying, withdrawing; what was done and what the gate found."""
