"""GraphQL against a schema: graphql-core parses, validates and executes; the rows are the world's."""

from __future__ import annotations

from .graph import Graph

__all__ = ["Graph"]
