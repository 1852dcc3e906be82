"""`bi-contracts rules`: what drift can find, and how bad it is."""

from __future__ import annotations

import click

from . import options


@click.command("rules")
@options.plain_format
def command(format: str) -> None:
    """List the drift rules with severity, explanation and example."""
    from ..drift import RULES

    rows = [
        {
            "rule": one.id,
            "severity": str(one.severity),
            "kind": str(one.kind),
            "action": str(one.action),
            "explanation": one.explanation,
            "example": one.example,
        }
        for one in RULES.values()
    ]
    options.show(rows, ("rule", "severity", "example"), format)
