"""Recordings: stored in vcrpy's format, matched by an index, recorded and replayed under every HTTP client."""
