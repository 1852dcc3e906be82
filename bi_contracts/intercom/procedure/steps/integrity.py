"""Whether what is held is whole, ordered, linked, and what Intercom sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..conclusion import bad, warning
from ..context import Context
from ..line import INTEGRITY, LAYOUT, Line

if TYPE_CHECKING:
    from ....contract import Contract
    from ...store.verifying import Verified

CHECKS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "Conversation IDs": (("ids", "deleted"), "All unique, no duplicates", "integrity"),
    "Message Threading": (("threading", "pending"), "All threads complete", "threading"),
    "Timestamps": (("chronology",), "All in correct chronological order", "timestamps"),
    "Customer Links": (("contacts",), "All conversations linked to customers", "customers"),
    "Schema Validation": (
        ("contract", "schema", "digest", "file", "index", "counters", "coverage"),
        "All data matches expected schema",
        "schema",
    ),
}
"""Line -> checks of the store that it tells of, what is said where they are good, and what to do where not."""


async def run(context: Context) -> None:
    """Everything is recomputed from what Intercom sent. Raises `StoreError`."""
    from ...store import open_store
    from ...store.examining import examine, expected
    from ...store.verifying import verify

    path = context.testbed.store
    before = tuple(examine(path, expected()))
    with open_store(path) as store:
        verified = verify(store, before=before, contracts=_contract(context))
    for name in LAYOUT[INTEGRITY]:
        context.say(_line(name, verified))


def _contract(context: Context) -> Contract | None:
    """The contract of a conversation, None where there is none."""
    from ....contract import Contract

    path = context.testbed.space.find_contract("intercom/conversation")
    return Contract.load(path) if path is not None else None


def _line(name: str, verified: Verified) -> Line:
    checks, good, problem = CHECKS[name]
    counts = {
        severity: sum(verified.counts.get(check, {}).get(severity, 0) for check in checks)
        for severity in ("breaking", "warning")
    }
    figures = {"conversations": float(verified.conversations), "messages": float(verified.parts)}
    figures |= {f"{severity}_findings": float(count) for severity, count in counts.items()}
    told = [damage.message for damage in verified.damages if damage.check in checks and damage.severity != "info"]
    if told:
        kinds = list(dict.fromkeys(told))
        total = counts["breaking"] + counts["warning"]
        more = f", and {len(kinds) - 2} other kinds" if len(kinds) > 2 else ""
        text = f"{total:,} found: {'; '.join(kinds[:2])}{more}"
        if counts["breaking"]:
            return bad(INTEGRITY, name, text, "integrity", figures=figures, samples=verified.conversations)
        return warning(INTEGRITY, name, text, problem, figures=figures, samples=verified.conversations)
    if skipped := [f"{check}: {verified.skipped[check]}" for check in checks if check in verified.skipped]:
        return warning(INTEGRITY, name, f"not checked: {'; '.join(skipped)}", problem, figures=figures)
    return Line(INTEGRITY, name, good, figures=figures, samples=verified.conversations)
