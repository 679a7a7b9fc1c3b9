"""Building a candidate: its tables, their content hashes, the contract of the views, what it was made by."""
