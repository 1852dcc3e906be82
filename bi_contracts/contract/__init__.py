"""Contracts: inferred from responses, kept as JSON Schema, checked, imported from API descriptions."""

from .contract import Contract
from .evidence import Evidence
from .proposal import Proposal, diff_text, propose
from .responses import as_envelope, read_responses
from .violation import Violation

__all__ = [
    "Contract",
    "Evidence",
    "Proposal",
    "Violation",
    "as_envelope",
    "diff_text",
    "propose",
    "read_responses",
]
