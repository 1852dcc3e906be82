"""Every body that the gateway takes and gives."""

from __future__ import annotations

from .actions import (
    MessageRequest,
    PlannedWrite,
    Preview,
    Step,
    WorkflowName,
    WorkflowParameters,
    WorkflowRequest,
    WorkflowRun,
)
from .base import Answer, Invalid, Invalidity, Model, Problem, SectionState, state, told, usable, written
from .calls import Call, CallAnalysis, Calls, Party, Said, Speaker, Topic
from .crm import Contact, Contacts, Deal, Pipeline, PipelineTotals, Stage
from .insights import (
    Analytics,
    CallTotals,
    ContactTotals,
    ConversationTotals,
    Dashboard,
    Day,
    Lead,
    Leads,
    LookerTotals,
    Reason,
    Signal,
    Signals,
)
from .looker import Look, LookerDashboard, LookerDashboards, LookRun, Looks
from .projects import Optimisation, Project, Projects, ProjectTotals, Suggestion, Work
from .system import Health, Identity, PlatformReadiness, Readiness, Rows

__all__ = [
    "Analytics",
    "Answer",
    "Call",
    "CallAnalysis",
    "CallTotals",
    "Calls",
    "Contact",
    "ContactTotals",
    "Contacts",
    "ConversationTotals",
    "Dashboard",
    "Day",
    "Deal",
    "Health",
    "Identity",
    "Invalid",
    "Invalidity",
    "Lead",
    "Leads",
    "Look",
    "LookRun",
    "LookerDashboard",
    "LookerDashboards",
    "LookerTotals",
    "Looks",
    "MessageRequest",
    "Model",
    "Optimisation",
    "Party",
    "Pipeline",
    "PipelineTotals",
    "PlannedWrite",
    "PlatformReadiness",
    "Preview",
    "Problem",
    "Project",
    "ProjectTotals",
    "Projects",
    "Readiness",
    "Reason",
    "Rows",
    "Said",
    "SectionState",
    "Signal",
    "Signals",
    "Speaker",
    "Stage",
    "Step",
    "Suggestion",
    "Topic",
    "Work",
    "WorkflowName",
    "WorkflowParameters",
    "WorkflowRequest",
    "WorkflowRun",
    "state",
    "status_of",
    "told",
    "usable",
    "written",
]


def status_of(answer: Model) -> int:
    """The documented rule, as an HTTP status; as the result of a tool everything but 200 is an error.

    200 where at least one section is usable, 503 where none is. A workflow is 200 where no step failed, 409 where a
    platform refused a write, 503 where a step could not be done.
    """
    if isinstance(answer, WorkflowRun):
        refused = any(one.status == "refused" for one in answer.plan)
        return 200 if answer.status != "failed" else 409 if refused else 503
    return 200 if not isinstance(answer, Answer) or usable(answer) else 503
