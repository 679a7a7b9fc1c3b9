"""The migration page: what becomes of each field of PREG in Persontjenesten, for reading and for meetings."""
