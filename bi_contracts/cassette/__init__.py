"""Recordings: stored in vcrpy's format, matched by an index, recorded and replayed under every HTTP client.

* `store`: `load`, `save`, `Cassette`, `Provenance`; `shelf`: the same, parsed once per state of the file.
* `keys`, `index`, `nearest`: which requests ask the same, the look-up, and what to say about a miss.
* `player`: `use_cassette`, `use_cassettes`; `_vcr` is the only module that imports vcrpy.
* `sockets`: no connection during replay; `tls`: one context for all clients.
* `audit`, `prune`, `export`, `server`: tools over cassettes; `importers`: recordings that others made.
"""
