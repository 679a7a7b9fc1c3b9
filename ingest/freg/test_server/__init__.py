"""A Freg to try the client against: the interface as the contract says, a synthetic register, ways to misbehave."""
