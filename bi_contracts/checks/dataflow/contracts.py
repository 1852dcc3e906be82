"""Contracts kept: every violation in every answer, the same one told once."""

from __future__ import annotations

from collections.abc import Sequence

from ...contract import Contract, Violation
from ...interaction import Envelope
from ...report.events import Finding
from ..recorded import violations


def violated(contract: Contract, answers: Sequence[Envelope]) -> list[Finding]:
    """One finding for the same violation in many places: how many places, and the first of them."""
    places: dict[tuple[str, str, str], list[Violation]] = {}
    for each in violations(contract, answers):
        places.setdefault((each.keyword, _anywhere(each.path), each.message), []).append(each)
    return [
        Finding(
            f"contract-{keyword}",
            "breaking",
            found[0].path,
            message=message if len(found) == 1 else f"{message} ({len(found)} times)",
            evidence={"violations": len(found), "answers": len(answers)},
            explanation="The answer does not keep its contract.",
        )
        for (keyword, _, message), found in places.items()
    ]


def _anywhere(pointer: str) -> str:
    """The pointer with `*` for list indexes."""
    return "/".join("*" if step.isdigit() else step for step in pointer.split("/"))
