"""The command `preg`."""
