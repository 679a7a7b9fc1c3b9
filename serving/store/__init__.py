"""The read store: a release as SQLite, made once beside it and never changed."""
