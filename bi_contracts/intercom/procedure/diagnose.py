"""Why a sync is not faster: what it waited for, and what to do about that."""

from __future__ import annotations

from dataclasses import dataclass

from .figures import Spread, per_second
from .line import Mark
from .result import Result, Row, Section
from .traffic import Traffic
from .workload import Clocks, Measured


@dataclass(frozen=True, slots=True)
class Shares:
    """Of a sync's time, from 0 to 1 and together 1.

    Attributes:
        rate: Nothing to do but to wait for the rate limit.
        network: Nothing to do but to wait for answers.
        store: In the store.
        cpu: Everything else that the processor did: decoding, asking, and the sandbox where that answers.
    """

    rate: float
    network: float
    store: float
    cpu: float

    @classmethod
    def of(cls, clocks: Clocks) -> Shares:
        """From what was measured. The processor's time is known; what is left of the whole was waiting."""
        wall = max(clocks.wall, 1e-9)
        store = min(clocks.store, wall)
        cpu = min(max(0.0, clocks.cpu - clocks.store_cpu), wall - store)
        idle = wall - store - cpu
        rate = min(idle, clocks.held)
        return cls(rate / wall, (idle - rate) / wall, store / wall, cpu / wall)

    @property
    def most(self) -> str:
        """The name of the largest."""
        return max(("rate", "network", "store", "cpu"), key=lambda name: float(getattr(self, name)))


VERDICTS = {
    "rate": (
        "the rate limit of Intercom",
        (
            "Nothing is slow: the sync uses what Intercom allows; fewer --days, or --max-conversations, ask for less",
            "Find out who else uses this workspace's limit; Intercom raises it on request",
        ),
    ),
    "network": (
        "the network, or Intercom's answers",
        (
            "Measure the API by itself: bi-contracts intercom latency",
            "See that the region fits the workspace: --region us, eu or au",
            "Check for a proxy: echo $HTTPS_PROXY",
        ),
    ),
    "store": (
        "the store",
        (
            "Measure it by itself: bi-contracts intercom database --profile",
            "Put the store on a local disk; stop what else writes there",
        ),
    ),
    "cpu": (
        "this machine's processor",
        (
            "See which layer it is: bi-contracts intercom performance --profile",
            "Look for other processes that keep the processor busy",
        ),
    ),
}


def result(found: Measured) -> Result:
    """What the time of a sync went to, which is the largest part, and what to do."""
    shares, run, wall = Shares.of(found.clocks), found.synced.run, found.clocks.wall
    what, advice = VERDICTS[shares.most]
    sandbox = found.source != "live"
    rows = (
        Row("Waiting for the rate limit", 100 * shares.rate, "%", key="rate_percent"),
        Row("Waiting for the network", 100 * shares.network, "%", key="network_percent"),
        Row("In the store", 100 * shares.store, "%", key="store_percent"),
        Row(
            "Processor, the rest", 100 * shares.cpu, "%", key="cpu_percent",
            note="that of a sandbox in this process with it" if sandbox else "",
        ),
    )  # fmt: skip
    verdict = (
        Row("Limited by", what, mark=Mark.GOOD),
        Row("Speed", per_second(run.conversations, wall), "conversations/s", note=f"{wall:.2f} s", key="sync_speed"),
        Row("Ceiling", _ceiling(found), note=_ceiling_note(found)),
    )
    sections = (
        Section("Where the time goes", rows),
        Section("Verdict", verdict),
        Section("Calls", _calls(found.traffic)),
    )
    return Result("diagnose", "Diagnosis of a sync", found.source, sections, advice)


def _ceiling(found: Measured) -> str:
    limit, window = found.synced.limit, found.synced.window
    if not limit or not window:
        return "not known: no limit was stated"
    allowed = f"{limit / window * 150 / 151:.1f} conversations/s ({limit} calls in {window:g} s)"
    return allowed if found.limited else f"none here: nobody enforces the limit; Intercom's would be {allowed}"


def _ceiling_note(found: Measured) -> str:
    counted = "at one call a conversation and one for each page of 150"
    return f"of the API, {counted}" if found.limited else f"{counted}; --limits lets the sandbox enforce it"


def _calls(traffic: Traffic) -> tuple[Row, ...]:
    spread = Spread.of(1000 * call.elapsed for call in traffic.calls)
    refused = Mark.WARNING if traffic.refused else Mark.GOOD
    failed = Mark.WARNING if traffic.failed else Mark.GOOD
    return (
        Row("Calls", len(traffic.calls), note=f"{spread} ms" if spread.n else ""),
        Row("In flight, at most", traffic.most),
        Row("429 answers", traffic.refused, mark=refused),
        Row("Failed", traffic.failed, mark=failed, note="server errors and broken connections; each was tried again"),
    )
