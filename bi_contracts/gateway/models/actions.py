"""What can be asked to be done, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue

from .base import Answer, Model

WorkflowName = Literal["lead-qualification", "project-optimisation", "call-analysis"]
Text = Annotated[str, Field(max_length=200)]


def number_only(value: JsonValue) -> JsonValue:
    """Raises ValueError for true, false and texts: JSON has numbers, and 3.0 is the same one as 3."""
    if isinstance(value, (bool, str)):
        raise ValueError("must be a whole number")
    return value


Whole = Annotated[int, BeforeValidator(number_only)]


class MessageRequest(Model):
    """A message to be shown and not sent."""

    template: str = Field(
        min_length=1, max_length=4000, description="Slack mrkdwn with {names}: `{deal.name}` is data.deal.name."
    )
    data: dict[str, JsonValue] = Field(default_factory=dict)
    channel: Annotated[str, Field(max_length=80)] | None = None


class Preview(Model):
    """How a message would look. Nothing was sent."""

    sent: Literal[False] = False
    channel: str | None
    text: str
    blocks: list[dict[str, JsonValue]]
    length: int = Field(ge=0)
    missing: list[str] = Field(description="Names in the template for which there is no data.")
    warnings: list[str]


class WorkflowParameters(Model):
    """What a workflow is about; each has a default that is taken from what is read."""

    limit: Whole = Field(default=3, ge=1, le=10, description="How many things to act upon.")
    min_score: Whole = Field(default=50, ge=0, le=100, description="lead-qualification: the least score.")
    call_id: Text | None = Field(default=None, description="call-analysis: the call; the latest one with a customer.")
    project_id: Text | None = Field(default=None, description="project-optimisation: the one with most overdue work.")
    channel: Text | None = Field(default=None, description="Slack channel id; without one no message is sent.")


class WorkflowRequest(Model):
    """Which workflow to run. Without `dry_run: false` nothing is written anywhere."""

    workflow: WorkflowName
    dry_run: bool = Field(strict=True, default=True)
    parameters: WorkflowParameters = Field(default_factory=WorkflowParameters)


class Step(Model):
    """One step of a workflow. It reads what the step before it gave."""

    name: str
    status: Literal["done", "failed", "skipped"]
    summary: str
    evidence: list[str]


class PlannedWrite(Model):
    """One write: what would be sent, why, and what came of it."""

    id: str = Field(description="The endpoint, `hubspot/create_task`.")
    platform: str
    arguments: dict[str, JsonValue]
    reason: str
    evidence: list[str]
    status: Literal["planned", "incomplete", "performed", "refused", "failed", "skipped"]
    result_id: str | None = None
    error: str | None = None


class WorkflowRun(Answer):
    """What a workflow found, and what it would write or has written."""

    workflow: WorkflowName
    dry_run: bool
    status: Literal["planned", "completed", "failed"]
    failed_step: str | None
    steps: list[Step]
    plan: list[PlannedWrite]
