"""PREG's record in Persontjenesten's words: what the successor's own paths answer with."""
