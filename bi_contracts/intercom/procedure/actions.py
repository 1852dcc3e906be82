"""What to do about what went wrong: why it happened, and what to type next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...errors import (
    BiContractsError,
    ConfigurationError,
    CredentialsMissing,
    ExitCode,
    NotFound,
    RateLimited,
    StoreDamaged,
    StoreError,
    StoreFull,
    TimedOut,
    Unauthorized,
    Unreachable,
    UpstreamError,
)
from ...redact import redact_text


class Broken(BiContractsError):
    """A part of the procedure that broke: a key of `ADVICE` says which kind it is."""

    exit_code = ExitCode.FINDINGS

    def __init__(self, message: str, problem: str) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Advice:
    """What a kind of problem asks for.

    Attributes:
        cause: Why it happens, in a few words.
        steps: What to do, in order; `{base}` stands for the API's address, `{host}` for its host,
            `{tool}` for the tool, and the names of `OURS` for what is typed of a server.
    """

    cause: str
    steps: tuple[str, ...]


ADVICE: Mapping[str, Advice] = {
    "token missing": Advice(
        "No access token",
        (
            "Export INTERCOM_ACCESS_TOKEN, or put it in .env; Intercom's Developer Hub shows it",
            "No account? bi-contracts intercom test --mode sandbox",
        ),
    ),
    "unauthorized": Advice(
        "Invalid or expired access token",
        (
            "Verify INTERCOM_ACCESS_TOKEN is correct",
            "Check token permissions include 'conversations:read'",
            "Confirm token hasn't expired",
            'Test API access manually: curl -H "Authorization: Bearer $TOKEN" {base}/me',
        ),
    ),
    "scope": Advice(
        "The token lacks a permission",
        (
            "Give the token 'conversations:read' and 'contacts:read' in Intercom's Developer Hub",
            "Run the procedure again: it asks for each permission by itself",
        ),
    ),
    "rate limited": Advice(
        "Somebody else uses up the same rate limit",
        (
            "Wait for the reset, or find out who else uses this token",
            "See how much is left: bi-contracts intercom latency",
        ),
    ),
    "unreachable": Advice(
        "No connection to the API",
        (
            "Test basic connectivity: ping {host}",
            "Test HTTPS connectivity: curl -I {base}/",
            "Check for proxy issues: echo $HTTP_PROXY $HTTPS_PROXY",
        ),
    ),
    "slow answers": Advice(
        "The API answered too late",
        ("Measure it: bi-contracts intercom latency", "Check network latency to the Intercom API"),
    ),
    "upstream": Advice(
        "The API reported an error",
        ("See whether Intercom is in order: https://www.intercomstatus.com", "Run the procedure again later"),
    ),
    "retried": Advice(
        "Calls failed, and succeeded when they were repeated",
        ("Watch the network during a sync: bi-contracts intercom network",),
    ),
    "configuration": Advice("A setting cannot work", ("Correct what the message names, and run the procedure again",)),
    "workspace": Advice(
        "The test workspace cannot be used",
        ("Check its rights and the space left, or set FASTINTERCOM_TEST_WORKSPACE to another folder",),
    ),
    "environment": Advice("Something is not installed", ("pip install 'bi-contracts[intercom]'",)),
    "database": Advice(
        "The database cannot be used",
        (
            "Check the folder's rights and the space left on the disk",
            "Measure the disk: bi-contracts intercom database",
        ),
    ),
    "sync": Advice(
        "The sync did not end well",
        (
            "Say where its time goes: bi-contracts intercom diagnose",
            "Run it alone: bi-contracts intercom sync --days 1",
        ),
    ),
    "incomplete sync": Advice(
        "Some records are not held",
        (
            "Check Intercom API pagination handling: bi-contracts intercom verify",
            "Sync again: what is missing is fetched first",
        ),
    ),
    "no data": Advice(
        "Nothing was updated within the days asked for",
        ("Ask for a longer time: --days 30",),
    ),
    "threading": Advice(
        "Conversations lack messages",
        (
            "Check Intercom API pagination handling",
            "Verify message retrieval logic: bi-contracts intercom verify --repair fetches them again",
        ),
    ),
    "timestamps": Advice(
        "Times contradict each other",
        ("Check the clock of this machine", "Compare with Intercom: bi-contracts intercom show ID"),
    ),
    "customers": Advice(
        "Conversations lack their customer",
        ("Review customer data mapping: conversations that begin without a contact have none",),
    ),
    "integrity": Advice(
        "What is held is not what Intercom sent",
        ("Recompute and heal it: bi-contracts intercom verify --repair", "Check the disk of this machine"),
    ),
    "schema": Advice(
        "The API's shape differs from the contract",
        ("See what changed: bi-contracts drift 'intercom/*'",),
    ),
    "server start": Advice(
        "The MCP server did not start",
        ("Start it by hand and read what it says: {start}",),
    ),
    "server stop": Advice(
        "The MCP server did not stop by itself",
        ("Look for processes that it left: pgrep -fl intercom",),
    ),
    "tools": Advice(
        "The MCP server lacks tools",
        ("See which it has: bi-contracts intercom tool --list{server}",),
    ),
    "tool": Advice(
        "A tool answers wrongly",
        ("Test it alone: bi-contracts intercom tool --tool {tool}{server}",),
    ),
    "slow sync": Advice(
        "Syncing takes longer than it should",
        (
            "Check network latency to Intercom API: bi-contracts intercom latency",
            "Verify database isn't on slow storage: bi-contracts intercom database",
            "Consider reducing sync batch size: --max-conversations",
            "Monitor for background processes affecting performance",
        ),
    ),
    "slow queries": Advice(
        "Answers take longer than they should",
        (
            "Verify database isn't on slow storage: bi-contracts intercom database",
            "Monitor for background processes affecting performance",
        ),
    ),
    "memory": Advice(
        "More memory than expected",
        ("Watch it: bi-contracts intercom memory monitor", "Look for a leak: bi-contracts intercom memory leaks"),
    ),
    "leak": Advice("Memory grows from query to query", ("Look for the leak: {leaks}",)),
    "leftovers": Advice(
        "Something was left behind",
        ("Remove what the message names; no other program should use the test workspace",),
    ),
    "timeout": Advice(
        "The time for the whole procedure is used up",
        (
            "Allow more: export FASTINTERCOM_TEST_TIMEOUT=900 (seconds)",
            "Or ask for less: --days 1 --max-conversations 100",
        ),
    ),
    "crash": Advice("A mistake of the procedure itself", ("Please report it, with what stands above",)),
}
"""Key of a problem -> what to do about it."""


OURS: Mapping[str, str] = {
    "start": "bi-contracts intercom serve",
    "server": "",
    "leaks": "bi-contracts intercom memory leaks",
}
"""What is typed to look at our own server."""


def typed(server: Sequence[str]) -> Mapping[str, str]:
    """The same for the server that was put in its place, without what looks like a secret."""
    if not server:
        return OURS
    command = redact_text(shlex.join(server))
    watch = f"bi-contracts intercom memory monitor -- {command}"
    return {"start": command, "server": f" --server {shlex.quote(command)}", "leaks": watch}


def steps(problems: Iterable[str], **values: str) -> tuple[str, ...]:
    """What to do about several problems, each step once. A problem may name its tool: `tool:get_conversation`."""
    found: dict[str, None] = {}
    for problem in problems:
        key, _, tool = problem.partition(":")
        found |= dict.fromkeys(_filled(step, {**OURS, **values, "tool": tool}) for step in ADVICE[key].steps)
    return tuple(found)


def _filled(step: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        step = step.replace(f"{{{name}}}", value)
    return step


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error, understood: what to print, and what to do about it."""

    text: str
    problem: str
    exit_code: ExitCode

    @property
    def cause(self) -> str:
        return ADVICE[self.problem].cause


_KINDS: tuple[tuple[type[BiContractsError], str], ...] = (
    (CredentialsMissing, "token missing"),
    (Unauthorized, "unauthorized"),
    (RateLimited, "rate limited"),
    (TimedOut, "slow answers"),
    (Unreachable, "unreachable"),
    (NotFound, "upstream"),
    (UpstreamError, "upstream"),
    (StoreDamaged, "integrity"),
    (StoreFull, "database"),
    (StoreError, "database"),
    (ConfigurationError, "configuration"),
)


def trouble(error: BiContractsError) -> Trouble:
    """What an error means for the procedure."""
    problem = next((name for kind, name in _KINDS if isinstance(error, kind)), "crash")
    if isinstance(error, Broken):
        problem = error.problem
    if isinstance(error, Unauthorized) and error.status == 403:
        problem = "scope"
    return Trouble(_said(error), problem, ExitCode(error.exit_code))


def _said(error: BiContractsError) -> str:
    """`401 Unauthorized` for an answer; otherwise the message, without what names the call."""
    status = error.status if isinstance(error, UpstreamError) else None
    if status is not None and status >= 400:
        from http import HTTPStatus

        known = {one.value: one.phrase for one in HTTPStatus}
        return f"{status} {known.get(status, 'error')}"
    return str(error)
