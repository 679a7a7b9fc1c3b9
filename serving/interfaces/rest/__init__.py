"""REST: PREG's record as JSON, and PREG beside Persontjenesten."""
