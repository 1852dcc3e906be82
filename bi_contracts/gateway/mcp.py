"""The gateway as tools of the Model Context Protocol: the same views and workflows as over HTTP.

Every tool answers structured content of the same model as its route. Where the route would answer 503, the result is
marked as an error and still says what is known of each section.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field, JsonValue

from .. import __version__
from . import models
from .actions import trigger
from .app import Gateway
from .business import Business, NotAllowed, NotThere
from .models.insights import SignalKind
from .readiness import readiness
from .routes.parameters import Crm
from .sources import Ask, Sources, said
from .views import message

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True)
PATH = "/mcp"
INSTRUCTIONS = (
    "Business figures of several platforms. Every answer lists its sections with source and age: say so when something"
    " is stale, mock or unavailable. workflow_trigger plans; it writes only with dry_run false and where it is allowed."
)

Limit = Annotated[int, Field(ge=1, le=1000, description="How many rows are shown.")]
Days = Annotated[int, Field(ge=1, le=365, description="How far to look back.")]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$", description="As the platform writes it.")]
Score = Annotated[int, Field(ge=0, le=100)]

Result = TypeVar("Result", bound=models.Model)


def mcp_server(sources: Sources, *, allow_writes: bool = False) -> MCPServer[Any]:
    """A server of the tools; whoever made the sources closes them."""
    # Whatever is logged could hold what was asked for: only failures of the server itself are.
    server: MCPServer[Any] = MCPServer(
        "bi-gateway", title="BI gateway", instructions=INSTRUCTIONS, version=__version__, log_level="ERROR"
    )
    tools = Tools(sources, allow_writes)
    for tool in tools.reads:
        server.add_tool(tool, annotations=READS)
    server.add_tool(tools.workflow_trigger, annotations=WRITES if allow_writes else READS)
    return server


def attach(app: Gateway) -> None:
    """Serves the tools at /mcp of a gateway, beside its routes."""
    server = mcp_server(app.sources, allow_writes=app.allow_writes)
    app.router.routes.extend(server.streamable_http_app(streamable_http_path=PATH).routes)
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(one: Any) -> AsyncIterator[Any]:
        async with before(one) as state, server.session_manager.run():
            yield state

    app.router.lifespan_context = lifespan


class Tools:
    """The tools of one gateway. Their docstrings are what a model reads."""

    def __init__(self, sources: Sources, allow_writes: bool) -> None:
        self._sources, self._allow_writes = sources, allow_writes

    @property
    def _views(self) -> Business:
        return Business(Ask(self._sources))

    @property
    def reads(self) -> tuple[Callable[..., Awaitable[CallToolResult]], ...]:
        """The tools that change nothing."""
        return (
            *(self.crm_contacts, self.crm_pipeline, self.calls_recent, self.gong_recent, self.projects_overview),
            *(self.dashboard, self.looker_looks, self.looker_dashboards, self.looker_run, self.signals, self.leads),
            *(self.analytics, self.message_preview, self.call_analyze, self.project_optimize),
            *(self.platform_identity, self.platform_rows, self.ready),
        )

    async def crm_contacts(
        self, limit: Limit = 100, q: Annotated[str, Field(max_length=100)] = "", platform: Crm | None = None
    ) -> Annotated[CallToolResult, models.Contacts]:
        """People of HubSpot, Salesforce and Intercom; q is looked for in name, e-mail, company and title."""
        return await given(self._views.contacts(limit=limit, q=q, platform=platform))

    async def crm_pipeline(self, limit: Limit = 100) -> Annotated[CallToolResult, models.Pipeline]:
        """Deals and opportunities by stage, with amounts and what they are worth by probability."""
        return await given(self._views.pipeline(limit=limit))

    async def calls_recent(self, days: Days = 7, limit: Limit = 100) -> Annotated[CallToolResult, models.Calls]:
        """Recent calls, and which of their parties the CRM knows."""
        return await given(self._views.calls_recent(days=days, limit=limit))

    async def gong_recent(self, days: Days = 7, limit: Limit = 100) -> Annotated[CallToolResult, models.Calls]:
        """Recent calls of Gong with their parties."""
        return await given(self._views.gong_recent(days=days, limit=limit))

    async def projects_overview(self, limit: Limit = 100) -> Annotated[CallToolResult, models.Projects]:
        """Projects of Asana and Linear with their work."""
        return await given(self._views.projects(limit=limit))

    async def dashboard(self) -> Annotated[CallToolResult, models.Dashboard]:
        """Everything at a glance."""
        return await given(self._views.dashboard())

    async def looker_looks(self, limit: Limit = 100) -> Annotated[CallToolResult, models.Looks]:
        """Looks of Looker, seen most first."""
        return await given(self._views.looks(limit=limit))

    async def looker_dashboards(self, limit: Limit = 100) -> Annotated[CallToolResult, models.LookerDashboards]:
        """Dashboards of Looker, by title."""
        return await given(self._views.looker_dashboards(limit=limit))

    async def looker_run(
        self, look_id: Id | None = None, limit: Limit = 100
    ) -> Annotated[CallToolResult, models.LookRun]:
        """The rows of a look; of the first one where none is named."""
        return await given(self._views.run_look(look_id, limit=limit))

    async def signals(
        self,
        limit: Limit = 100,
        kind: SignalKind | None = None,
        stalled_days: Annotated[int, Field(ge=1, le=365)] = 14,
    ) -> Annotated[CallToolResult, models.Signals]:
        """What somebody should look at, each with the rows it was derived from."""
        return await given(self._views.signals(limit=limit, kind=kind, stalled_days=stalled_days))

    async def leads(self, limit: Limit = 100, min_score: Score = 0) -> Annotated[CallToolResult, models.Leads]:
        """Leads with their score and its reasons, best first."""
        return await given(self._views.leads(limit=limit, min_score=min_score))

    async def analytics(self, days: Days = 30) -> Annotated[CallToolResult, models.Analytics]:
        """Aggregates over everything that was read."""
        return await given(self._views.analytics(days=days))

    async def message_preview(
        self,
        template: Annotated[str, Field(min_length=1, max_length=4000)],
        data: dict[str, JsonValue] | None = None,
        channel: Annotated[str, Field(max_length=80)] | None = None,
    ) -> Annotated[CallToolResult, models.Preview]:
        """A Slack message from a template with {names} and data, as it would look. Nothing is sent."""
        return told(message.preview(template, data or {}, channel))

    async def call_analyze(self, id: Id) -> Annotated[CallToolResult, models.CallAnalysis]:
        """A call looked at by fixed rules: who spoke, about what, what was asked, what is to follow."""
        return await given(self._views.call_analysis(id))

    async def project_optimize(self, id: Id) -> Annotated[CallToolResult, models.Optimisation]:
        """Suggestions for a project by fixed rules, each with the tasks it was derived from."""
        return await given(self._views.optimisation(id))

    async def workflow_trigger(
        self,
        workflow: models.WorkflowName,
        dry_run: bool = True,
        parameters: models.WorkflowParameters | None = None,
    ) -> Annotated[CallToolResult, models.WorkflowRun]:
        """Runs a workflow and plans its writes; performs them only with dry_run false and where writing is allowed."""
        asked = models.WorkflowRequest(
            workflow=workflow, dry_run=dry_run, parameters=parameters or models.WorkflowParameters()
        )
        return await given(trigger(self._views, asked, writes=self._allow_writes))

    async def platform_identity(self, platform: str) -> Annotated[CallToolResult, models.Identity]:
        """Who the credential of a platform is."""
        return await given(self._views.identity(platform))

    async def platform_rows(
        self, platform: str, endpoint: str, limit: Limit = 100
    ) -> Annotated[CallToolResult, models.Rows]:
        """Rows of a declared list, as the platform gives them."""
        return await given(self._views.rows(platform, endpoint, limit=limit))

    async def ready(self) -> Annotated[CallToolResult, models.Readiness]:
        """Which platforms can be read now."""
        return told(await readiness(Ask(self._sources)))


async def given(answer: Awaitable[models.Answer]) -> CallToolResult:
    """An answer as a result. Raises `ToolError` for a thing that is not there and a write that is not allowed."""
    try:
        return told(await answer)
    except (NotThere, NotAllowed) as error:
        raise ToolError(said(error)) from None


def told(answer: models.Model) -> CallToolResult:
    """A model as structured content, and the same as text; an error where nothing of it is usable."""
    text = models.written(answer)
    shown, bad = TextContent(type="text", text=text), models.status_of(answer) != 200
    return CallToolResult(content=[shown], structured_content=json.loads(text), is_error=bad)
