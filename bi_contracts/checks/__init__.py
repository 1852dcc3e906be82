"""Checks: plain functions that return when all is well and raise a `Failure` when it is not."""
