"""The three business processes against the platforms themselves. Every step but those of `WRITTEN` only reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..checks.workflow import Step, StepFailed, Trail, Workflow
from ..paths import Json, dig
from .workflows import Reads, settled

PAGES = 3
"""Pages of a list that are searched for somebody."""


async def contacts(_previous: Any, trail: Trail) -> dict[str, Json]:
    """CRM: the contacts that can be recognised elsewhere, by e-mail address."""
    found = await _reads(trail).read("hubspot/contacts", max_pages=PAGES)
    by_email = {_mail(dig(row, "properties.email")): row for row in found.records}
    by_email.pop("", None)
    settled(by_email, "contact with an e-mail address", found)
    return by_email


async def calls_of_contacts(by_email: Mapping[str, Json], trail: Trail) -> list[dict[str, Any]]:
    """Calls: those in which one of the contacts took part."""
    found = await _reads(trail).read("gong/calls_extensive", max_pages=PAGES)
    matching = [
        {"call": call["metaData"]["id"], "contact": by_email[lead]["id"], "colleagues": _mails(call, "Internal")}
        for call in found.records
        for lead in _mails(call, "External")
        if lead in by_email
    ]
    settled(matching, "call with one of the contacts", found)
    return matching


async def colleague_and_channel(calls: list[dict[str, Any]], trail: Trail) -> dict[str, Any]:
    """Messaging: the colleague of a call, and a channel in which to tell."""
    reads = _reads(trail)
    users = await reads.read("slack/users", max_pages=PAGES)
    known = {_mail(dig(user, "profile.email")): user["id"] for user in users.records if not user.get("deleted")}
    known.pop("", None)
    meant = next(((call, mail) for call in calls for mail in call["colleagues"] if mail in known), None)
    settled(meant, "user of Slack who took part in one of the calls", users)
    assert meant is not None
    channel = await _channel(reads)
    return {**meant[0], "colleague": meant[1], "user": known[meant[1]], "channel": channel}


async def follow_up_task(message: dict[str, Any], trail: Trail) -> dict[str, Any]:
    """Automation: the task that would be made, with an assignee and a project that exist."""
    reads = _reads(trail)
    users = await reads.read("asana/users", max_pages=PAGES)
    assignee = next((one["gid"] for one in users.records if _mail(one.get("email")) == message["colleague"]), None)
    settled(assignee, "user of Asana with the colleague's address", users)
    project = (await open_projects(None, trail))[0]
    return {"project": project["gid"], "assignee": assignee, "contact": message["contact"], "call": message["call"]}


async def open_projects(_previous: Any, trail: Trail) -> list[Json]:
    """Projects: those that still go on."""
    found = await _reads(trail).read("asana/projects")
    going_on = [one for one in found.records if not one.get("archived") and not one.get("completed")]
    settled(going_on, "project that goes on", found)
    return going_on


async def analysed(projects: list[Json], trail: Trail) -> dict[str, Any]:
    """Analysis: what is open, late and nobody's in the first project, at the time of who answered."""
    gid = projects[0]["gid"]
    found = await _reads(trail).read("asana/tasks", max_pages=PAGES, project=gid)
    today = datetime.fromtimestamp(found.at, UTC).date().isoformat()
    open_ = [task for task in found.records if not task.get("completed")]
    late = [task["gid"] for task in open_ if (task.get("due_on") or "9999") < today]
    nobodys = [task["gid"] for task in open_ if not task.get("assignee")]
    elsewhere = [task for task in found.records if gid not in {one["gid"] for one in task.get("projects") or ()}]
    if elsewhere:
        raise StepFailed(f"{len(elsewhere)} of {len(found.records)} tasks say that they are of another project")
    return {"project": gid, "tasks": len(found.records), "open": len(open_), "late": late, "unassigned": nobodys}


async def deployed(analysis: dict[str, Any], trail: Trail) -> dict[str, Any]:
    """Deployment: the team that would take the change, and the state in which it would begin."""
    reads = _reads(trail)
    teams = await reads.read("linear/teams", max_pages=PAGES)
    states = await reads.read("linear/workflow_states", max_pages=PAGES)
    known = {team["id"] for team in teams.records if not team.get("archivedAt")}
    begins = [one for one in states.records if one.get("type") in ("backlog", "unstarted", "started")]
    state = next((one for one in begins if dig(one, "team.id") in known), None)
    settled(state, "team with a state for new work", teams, states)
    assert state is not None
    about = analysis["late"] or analysis["unassigned"] or [analysis["project"]]
    return {"team": dig(state, "team.id"), "state": state["id"], "about": about}


async def calls_with_others(_previous: Any, trail: Trail) -> list[Json]:
    """Calls: those with somebody from outside."""
    found = await _reads(trail).read("gong/calls_extensive", max_pages=PAGES)
    outside = [call for call in found.records if _mails(call, "External")]
    settled(outside, "call with somebody from outside", found)
    return outside


async def transcript(calls: list[Json], trail: Trail) -> dict[str, Any]:
    """Transcript: what was said in the first of them, by whom."""
    call = calls[0]
    found = await _reads(trail).read("gong/transcript", **{"filter.callIds.0": call["metaData"]["id"]})
    said = found.records[0]
    if str(said.get("callId")) != str(call["metaData"]["id"]):
        raise StepFailed("the transcript is of another call")
    if not any(part.get("sentences") for part in said.get("transcript") or ()):
        raise StepFailed("nothing was said in the call")
    return {"call": call, "parts": said["transcript"]}


async def processed(told: dict[str, Any], _trail: Trail) -> dict[str, Any]:
    """Processing: how long each party spoke. Whoever speaks must be a party."""
    parties = {party.get("speakerId"): party for party in told["call"]["parties"] if party.get("speakerId")}
    spoken: dict[str, float] = {}
    for part in told["parts"]:
        seconds = sum(one["end"] - one["start"] for one in part["sentences"]) / 1000
        spoken[part["speakerId"]] = spoken.get(part["speakerId"], 0.0) + seconds
    strangers = set(spoken) - set(parties)
    if strangers:
        raise StepFailed(f"{len(strangers)} of {len(spoken)} speakers are no party of the call")
    total = sum(spoken.values())
    if total <= 0:
        raise StepFailed("the sentences take no time")
    inside = sum(took for who, took in spoken.items() if parties[who].get("affiliation") == "Internal")
    return {"call": told["call"], "speakers": len(spoken), "talk_ratio": inside / total}


async def follow_up(analysis: dict[str, Any], trail: Trail) -> dict[str, Any]:
    """Follow-up: the contact it is about, and where to tell."""
    reads = _reads(trail)
    others = _mails(analysis["call"], "External")
    found = await reads.read("hubspot/contacts", max_pages=PAGES)
    contact = next((row["id"] for row in found.records if _mail(dig(row, "properties.email")) in others), None)
    settled(contact, "contact with the address of a party of the call", found)
    return {"contact": contact, "channel": await _channel(reads), "talk_ratio": analysis["talk_ratio"]}


async def announced(_previous: Any, trail: Trail) -> dict[str, Any]:
    """Message: posted to a channel of the sandbox."""
    reads = _reads(trail)
    channel, text = await _channel(reads), "Follow up: the call is analysed."
    client = reads.reader.client(reads.reader.target("slack/post_message").platform)
    sent = await client.record("post_message", channel=channel, text=text)
    return {"channel": channel, "ts": sent["ts"], "text": text}


async def announcement_read(message: dict[str, Any], trail: Trail) -> Json:
    """Read back: the message stands in the channel's history."""
    found = await _reads(trail).read("slack/history", channel=message["channel"])
    return _one(found.records, "ts", message["ts"], "message")


async def task_made(_previous: Any, trail: Trail) -> dict[str, Any]:
    """Task: made in a project of the sandbox."""
    reads = _reads(trail)
    project = (await open_projects(None, trail))[0]["gid"]
    client = reads.reader.client(reads.reader.target("asana/create_task").platform)
    made = await client.record("create_task", data={"name": "Follow up on the call", "projects": [project]})
    return {"project": project, "gid": made["gid"]}


async def task_read(task: dict[str, Any], trail: Trail) -> Json:
    """Read back: the task stands in the project's list."""
    found = await _reads(trail).read("asana/tasks", max_pages=None, project=task["project"])
    return _one(found.records, "gid", task["gid"], "task")


def _one(rows: Iterable[Json], key: str, value: Json, what: str) -> Json:
    found = next((row for row in rows if row.get(key) == value), None)
    if found is None:
        raise StepFailed(f"the {what} that was written is not in the list")
    return found


def _reads(trail: Trail) -> Reads:
    reads: Reads = trail.context
    return reads


async def _channel(reads: Reads) -> str:
    """A channel that messages can be sent to."""
    found = await reads.read("slack/conversations")
    joined = (one["id"] for one in found.records if one.get("is_member") and not one.get("is_archived"))
    channel = next(joined, None)
    settled(channel, "channel that the bot is a member of", found)
    return str(channel)


def _mail(value: Json) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _mails(call: Json, affiliation: str) -> list[str]:
    """The addresses of a call's parties from inside or outside, in order."""
    parties = (party for party in call.get("parties") or () if party.get("affiliation") == affiliation)
    return [mail for party in parties if (mail := _mail(party.get("emailAddress")))]


PLATFORMS = (
    Workflow(
        "lead qualification",
        (
            Step("crm", contacts),
            Step("calls", calls_of_contacts),
            Step("messaging", colleague_and_channel),
            Step("automation", follow_up_task),
        ),
        platforms=("hubspot", "gong", "slack", "asana"),
    ),
    Workflow(
        "project optimisation",
        (Step("projects", open_projects), Step("analysis", analysed), Step("deployment", deployed)),
        platforms=("asana", "linear"),
    ),
    Workflow(
        "call analysis",
        (
            Step("calls", calls_with_others),
            Step("transcript", transcript),
            Step("processing", processed),
            Step("follow-up", follow_up),
        ),
        platforms=("gong", "hubspot", "slack"),
    ),
)

WRITTEN = (
    Workflow("message written", (Step("message", announced), Step("read back", announcement_read)), ("slack",)),
    Workflow("task written", (Step("task", task_made), Step("read back", task_read)), ("asana",)),
)
"""What is written shows in a later read. For a sandbox only."""
