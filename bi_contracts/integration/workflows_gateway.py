"""The three business processes against the gateway. Nothing is sent or written: every trigger is a dry run."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..checks.workflow import Step, StepFailed, Trail, Workflow
from ..paths import dig
from .workflows import Gateway, settled_by

DAYS = 90
"""How far back calls are looked for."""

CHANNEL = "sales"
"""Where leads would be told; nothing is."""

LIMIT = 200
"""Rows that are asked for."""


async def contacts(_previous: Any, trail: Trail) -> dict[str, dict[str, Any]]:
    """CRM: the contacts that can be recognised elsewhere, by e-mail address."""
    body = await _gateway(trail).get("crm/contacts", limit=LIMIT)
    by_email = {str(one["email"]).lower(): one for one in body["contacts"] if one.get("email")}
    settled_by(body, by_email, "contact with an e-mail address")
    return by_email


async def calls_of_contacts(by_email: dict[str, dict[str, Any]], trail: Trail) -> dict[str, Any]:
    """Calls: the first one in which one of the contacts took part."""
    body = await _gateway(trail).get("calls/recent", days=DAYS, limit=LIMIT)
    matching = [
        {"contact": by_email[mail], "call": call}
        for call in body["calls"]
        for party in call["parties"]
        if (mail := str(party.get("email") or "").lower()) in by_email
    ]
    settled_by(body, matching, "call with one of the contacts")
    return matching[0]


async def previewed(lead: dict[str, Any], trail: Trail) -> dict[str, Any]:
    """Messaging: the message about the lead, as it would be sent; every placeholder is filled."""
    data = {"contact": {"name": lead["contact"].get("name") or "A contact"}, "call": {"id": lead["call"]["id"]}}
    template = "{contact.name} took part in call {call.id}"
    body = await _gateway(trail).post("message/preview", {"template": template, "data": data, "channel": CHANNEL})
    if body.get("sent") is not False:
        raise StepFailed("a preview was sent")
    if body.get("missing") or str(lead["call"]["id"]) not in body["text"]:
        raise StepFailed("the message does not say what it was given")
    return {**lead, "message": body["text"], "channel": body["channel"]}


async def qualification_planned(lead: dict[str, Any], trail: Trail) -> dict[str, Any]:
    """Automation: what the workflow would do for leads of any score, and that it would tell the same channel."""
    channel = lead["channel"]
    body = await _planned(trail, "lead-qualification", {"min_score": 0, "channel": channel})
    settled_by(body, body.get("plan"), "action in the plan")
    if not any(dig(action, "arguments.channel") == channel for action in body["plan"]):
        raise StepFailed("nothing in the plan is told to the channel of the message")
    return body


async def open_projects(_previous: Any, trail: Trail) -> list[dict[str, Any]]:
    """Projects: those that still go on, the one with most that is late or nobody's first."""
    body = await _gateway(trail).get("projects/overview", limit=LIMIT)
    going_on = [one for one in body["projects"] if not one.get("closed")]
    settled_by(body, going_on, "project that goes on")
    return sorted(going_on, key=_trouble, reverse=True)


async def optimised(projects: list[dict[str, Any]], trail: Trail) -> dict[str, Any]:
    """Analysis: what could be better in the first of them."""
    wanted = projects[0]["id"]
    body = await _gateway(trail).post(f"projects/{_segment(wanted)}/optimize")
    _same(dig(body, "project.id"), wanted, "project")
    return {"project": wanted, "suggestions": body["suggestions"]}


async def optimisation_planned(analysis: dict[str, Any], trail: Trail) -> dict[str, Any]:
    """Deployment: what would be changed in that project; where something was suggested, that is something."""
    body = await _planned(trail, "project-optimisation", {"project_id": analysis["project"]})
    settled_by(body, body.get("plan") or not analysis["suggestions"], "action in the plan, though some were suggested")
    return body


async def recent_calls(_previous: Any, trail: Trail) -> list[dict[str, Any]]:
    """Calls: the recent ones of Gong."""
    body = await _gateway(trail).get("gong/recent", days=DAYS, limit=LIMIT)
    settled_by(body, body["calls"], "recent call")
    calls: list[dict[str, Any]] = body["calls"]
    return calls


async def analysed(calls: list[dict[str, Any]], trail: Trail) -> dict[str, Any]:
    """Processing: who spoke in the first of them, and for how long."""
    wanted = calls[0]["id"]
    body = await _gateway(trail).post(f"calls/{_segment(wanted)}/analyze")
    _same(dig(body, "call.id"), wanted, "call")
    settled_by(body, body.get("speakers"), "speaker in the call")
    return body


async def follow_up_planned(analysis: dict[str, Any], trail: Trail) -> dict[str, Any]:
    """Follow-up: what would be done about that call."""
    body = await _planned(trail, "call-analysis", {"call_id": dig(analysis, "call.id")})
    settled_by(body, body.get("plan"), "action in the plan")
    return body


async def _planned(trail: Trail, workflow: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The plan of the gateway's own workflow, as a dry run. Raises `StepFailed` naming the gateway's step."""
    sent = {"workflow": workflow, "dry_run": True, "parameters": parameters}
    body = await _gateway(trail).post("workflows/trigger", sent)
    if body.get("status") != "planned" or body.get("failed_step"):
        raise StepFailed(f"the gateway's own step {body.get('failed_step')!r} ended {body.get('status')}")
    return body


def _trouble(project: dict[str, Any]) -> int:
    work = project.get("work") or {}
    return int(work.get("overdue") or 0) + int(work.get("unassigned") or 0)


def _same(found: Any, wanted: Any, what: str) -> None:
    if str(found) != str(wanted):
        raise StepFailed(f"the answer is about another {what}")


def _segment(value: Any) -> str:
    return quote(str(value), safe="")


def _gateway(trail: Trail) -> Gateway:
    gateway: Gateway = trail.context
    return gateway


GATEWAY = (
    Workflow(
        "lead qualification",
        (
            Step("crm", contacts),
            Step("calls", calls_of_contacts),
            Step("messaging", previewed),
            Step("automation", qualification_planned),
        ),
        platforms=("hubspot", "gong"),
        gateway=True,
    ),
    Workflow(
        "project optimisation",
        (Step("projects", open_projects), Step("analysis", optimised), Step("deployment", optimisation_planned)),
        platforms=("asana", "linear"),
        gateway=True,
    ),
    Workflow(
        "call analysis",
        (Step("calls", recent_calls), Step("processing", analysed), Step("follow-up", follow_up_planned)),
        platforms=("gong",),
        gateway=True,
    ),
)
