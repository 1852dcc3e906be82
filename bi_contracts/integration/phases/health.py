"""Health: every platform is asked how it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ...errors import ConfigurationError
from ...health.evidence import Evidence, Reason, State
from ...health.probe import Prober
from ...health.settings import Settings
from ...report.events import Finding, Outcome, Severity, Status
from ..context import Context

PHASE = "health"

_EXPLANATIONS = {
    State.DOWN: "The platform did not answer, refused the credential, or failed: nothing can be read from it.",
    State.DEGRADED: "The platform answers, but late, out of its rate limit, or otherwise than its contract says.",
}
_SEVERITIES: dict[State, Severity] = {State.DOWN: "breaking", State.DEGRADED: "warning"}


async def run(context: Context) -> AsyncIterator[Outcome]:
    """One outcome a platform: up is passed, degraded and down have failed, what could not be asked is skipped."""
    if context.upstream.recorded:
        for platform in context.platforms:
            yield _skipped(platform.name, "a recording is no fresh evidence")
        return
    try:
        settings = Settings.of(context.upstream.workspace)
    except ConfigurationError as error:
        code = error.exit_code
        yield Outcome("health/configuration", "health", Status.ERROR, note=str(error), exit_code=code, phase=PHASE)
        return
    async with Prober(context.upstream, settings) as prober:
        for evidence in await prober.probe(context.platforms):
            yield outcome(evidence)


def outcome(evidence: Evidence) -> Outcome:
    """What one probe found, as reports show it."""
    if not evidence.asked:
        return _skipped(evidence.platform, evidence.detail)
    figures = {"duration_ms": round((evidence.duration or 0.0) * 1000, 3)}
    if evidence.remaining is not None:
        figures["rate_limit_remaining"] = float(evidence.remaining)
    return Outcome(
        f"{evidence.platform}/health",
        "probe",
        Status.PASSED if evidence.ok else Status.FAILED,
        () if evidence.ok else (_finding(evidence),),
        source=evidence.source,
        samples=1,
        elapsed=evidence.duration,
        phase=PHASE,
        figures=figures,
    )


def _skipped(platform: str, note: str) -> Outcome:
    return Outcome(f"{platform}/health", "probe", Status.SKIPPED, note=note, elapsed=0.0, phase=PHASE)


def _finding(evidence: Evidence) -> Finding:
    reason = evidence.reason if evidence.reason is not Reason.NONE else evidence.state
    return Finding(
        f"health-{evidence.state}",
        _SEVERITIES[evidence.state],
        "",
        before=State.UP.value,
        after=evidence.state.value,
        message=f"{reason}: {evidence.detail}",
        evidence={"status": evidence.status, "source": evidence.source},
        explanation=_EXPLANATIONS[evidence.state],
    )
