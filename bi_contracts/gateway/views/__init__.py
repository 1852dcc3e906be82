"""Pure functions from what was read to what is told: no I/O, no clock, no framework."""
