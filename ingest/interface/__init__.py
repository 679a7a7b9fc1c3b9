"""Calling a source over HTTP: settings, tokens, connections, what is tried again and what is final."""
