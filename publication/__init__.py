"""From a build to a release: the candidate, the atomic publication, and reading what is published."""
