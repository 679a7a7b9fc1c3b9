"""The page of the support staff: search, a person with what was before, PREG beside Persontjenesten."""
