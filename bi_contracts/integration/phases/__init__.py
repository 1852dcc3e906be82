"""The phases of a run, one module each: connection, data flow, workflow, resilience, load, health."""
