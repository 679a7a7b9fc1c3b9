"""Freg: the feed as an asset, how fresh the release is, and when the feed is read."""
