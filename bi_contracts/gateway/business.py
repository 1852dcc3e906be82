"""The business views as functions of platforms: what the HTTP routes and the MCP tools both call.

Nothing here knows HTTP. A method returns the answer, whose sections say how it was come by; it raises `NotThere` for a
thing that the platforms say is not there, and `NotAllowed` for a write that nobody permitted.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ..errors import BiContractsError, UnknownEndpoint
from ..registry import Target
from .models import (
    Analytics,
    CallAnalysis,
    Calls,
    Contacts,
    Dashboard,
    Identity,
    Leads,
    LookerDashboards,
    LookRun,
    Looks,
    Optimisation,
    Pipeline,
    Projects,
    Rows,
    Signals,
    told,
)
from .models.insights import SignalKind
from .section import Section, Sections, all_read
from .sources import Ask, Want, combined
from .views import analysis, calls, deals, glance, leads, looker, optimisation, people, signals, work

PROJECTS_READ = 3
"""Open projects of Asana whose tasks are read for an overview: each is a question of its own."""


class NotThere(BiContractsError):
    """There is no such thing, say those who would know."""


class NotAllowed(BiContractsError):
    """The gateway was started without the permission to write."""


@dataclass(frozen=True, slots=True)
class Business:
    """The views, for one request.

    Attributes:
        ask: Reads what they need, each thing once.
    """

    ask: Ask

    async def contacts(self, *, limit: int = 100, q: str = "", platform: str | None = None) -> Contacts:
        """People of the CRMs."""
        wanted = [id for id in people.CONTACTS if platform in (None, id.partition("/")[0])]
        return people.contacts(await self.read(*wanted), limit=limit, q=q)

    async def pipeline(self, *, limit: int = 100) -> Pipeline:
        """Deals and opportunities by stage."""
        return deals.pipeline(await self.read(*deals.DEALS), limit=limit)

    async def gong_recent(self, *, days: int = 7, limit: int = 100) -> Calls:
        """Calls of Gong with their parties."""
        return calls.recent(_by_id([await self._calls(days)]), days=days, limit=limit)

    async def calls_recent(self, *, days: int = 7, limit: int = 100) -> Calls:
        """Calls with whom of their parties the CRM knows."""
        found = _by_id([await self._calls(days), *(await self.read(people.HUBSPOT)).values()])
        known = people.by_email(people.all_contacts(found))
        return calls.recent(found, days=days, limit=limit, known=known)

    async def projects(self, *, limit: int = 100) -> Projects:
        """Projects and their work."""
        return work.overview(await self.read(*work.PROJECTS), limit=limit)

    async def dashboard(self) -> Dashboard:
        """Everything at a glance."""
        return glance.dashboard(await self.read(*glance.DASHBOARD))

    async def analytics(self, *, days: int = 30) -> Analytics:
        """Aggregates."""
        return glance.analytics(await self.read(*glance.ANALYTICS), days=days)

    async def signals(self, *, limit: int = 100, kind: SignalKind | None = None, stalled_days: int = 14) -> Signals:
        """What somebody should look at."""
        found = await self.read(*signals.SIGNALS)
        return signals.signals(found, limit=limit, kind=kind, stalled_days=stalled_days)

    async def leads(self, *, limit: int = 100, min_score: int = 0) -> Leads:
        """Who may buy, and why."""
        return leads.leads(await self.read(*leads.LEADS), limit=limit, min_score=min_score)

    async def looks(self, *, limit: int = 100) -> Looks:
        """Looks of Looker."""
        return looker.looks(await self.read(looker.LOOKS), limit=limit)

    async def looker_dashboards(self, *, limit: int = 100) -> LookerDashboards:
        """Dashboards of Looker."""
        return looker.dashboards(await self.read(looker.DASHBOARDS), limit=limit)

    async def run_look(self, look_id: str | None = None, *, limit: int = 100) -> LookRun:
        """The rows of a look; of the first one where none is named. Raises `NotThere`."""
        looks = await self.ask.section(Want(looker.LOOKS))
        known = [one.id for one in looker.all_looks({looker.LOOKS: looks})]
        if look_id is not None and look_id not in known and looks.fresh and looks.complete:
            raise NotThere(f"there is no look {look_id!r}")
        wanted = look_id or next(iter(known), None)
        if wanted is None:
            return looker.run({looker.LOOKS: looks}, None, limit=limit)
        run = await self.ask.section(Want(looker.RUN, arguments={"look_id": wanted}))
        if run.absent:
            raise NotThere(f"there is no look {wanted!r}")
        # Which one is the first is only as fresh as the list that says so.
        chosen = {looker.LOOKS: looks} if look_id is None and not looks.fresh and run.usable else {}
        return looker.run({**chosen, looker.RUN: run}, wanted, limit=limit)

    async def call_analysis(self, id: str) -> CallAnalysis:
        """One call by fixed rules. Raises `NotThere`."""
        sections = await self.call_sections(id)
        found = analysis.analysis(sections, id)
        if found is None and sections[calls.CALLS].fresh:
            raise NotThere(f"there is no call {id!r}")
        return found or analysis.nothing(sections)

    async def optimisation(self, id: str) -> Optimisation:
        """Suggestions for one project. Raises `NotThere` where every platform could be asked."""
        sections = await self.project_sections(id)
        found = optimisation.optimisation(sections, id)
        if found is None and all_read(sections):
            raise NotThere(f"there is no project {id!r}")
        return found or optimisation.nothing({id: _in_part(one) for id, one in sections.items()})

    async def identity(self, name: str) -> Identity:
        """Who the credential of a platform is. Raises `NotThere` for a platform that is not served."""
        declared = next((one for one in self.ask.sources.platforms if one.name == name), None)
        if declared is None:
            raise NotThere(f"no platform {name!r} is served here")
        id = declared.id(declared.endpoint(declared.identity))
        found = _by_id([await self.ask.section(Want(id))])
        degraded, at, states = told(found)
        value = next(iter(found[id].rows), None)
        return Identity(degraded=degraded, at=at, sections=states, platform=name, identity=value)

    async def rows(self, platform: str, endpoint: str, *, limit: int = 100) -> Rows:
        """Rows of a declared list. Raises `NotThere` for one that is not declared or not served."""
        one = self._listed(platform, endpoint)
        found = _by_id([await self.ask.section(Want(one.id))])
        degraded, at, states = told(found)
        section = found[one.id]
        return Rows(
            degraded=degraded,
            at=at,
            sections=states,
            id=one.id,
            total=len(section.rows),
            rows=list(section.rows[:limit]),
        )

    async def read(self, *ids: str) -> Sections:
        """Sections by id, in the order asked. Calls are those of 30 days, tasks of Asana those of a few projects."""
        special = {work.TASKS: self._tasks, calls.CALLS: self._calls}
        found = await asyncio.gather(*(special[id]() if id in special else self.ask.section(Want(id)) for id in ids))
        return _by_id(list(found))

    def _listed(self, platform: str, endpoint: str) -> Target:
        for name in (endpoint, endpoint.replace("-", "_")):
            try:
                one = self.ask.sources.reader.target(f"{platform}/{name}")
            except UnknownEndpoint:
                continue
            if one.endpoint.kind == "list" and self.ask.sources.serves(platform):
                return one
        raise NotThere(f"{platform}/{endpoint} is no list that is served here")

    async def call_sections(self, id: str) -> Sections:
        """What is known of one call: the call and its transcript."""
        narrowing = {"filter.callIds": [id]}
        return _by_id(
            await self.ask.sections(Want(calls.CALLS, narrowing=narrowing), Want(analysis.TRANSCRIPTS, narrowing))
        )

    async def project_sections(self, id: str) -> Sections:
        """What is known of one project, on whichever platform it is."""
        wanted = [id for id in work.PROJECTS if id != work.TASKS]
        found = _by_id(await self.ask.sections(*(Want(one) for one in wanted)))
        asana = {work.ASANA: found[work.ASANA]}
        if any(project.id == id for project in work.all_projects(asana)):
            return {**asana, work.TASKS: await self._tasks_of([id])}
        if any(project.id == id for project in work.all_projects({work.LINEAR: found[work.LINEAR]})):
            return {work.LINEAR: found[work.LINEAR], work.ISSUES: found[work.ISSUES]}
        return found

    async def _calls(self, days: int = 30) -> Section:
        """The calls of the last days. The platform may leave out what is older; the view does so in any case."""
        upstream = self.ask.sources.reader.upstream
        if upstream.recorded or upstream.served:  # what was recorded is all there is; a sandbox has a time of its own
            return await self.ask.section(Want(calls.CALLS))
        hour = datetime.fromtimestamp(self.ask.sources.reader.now() - days * 86400, UTC)
        start = hour.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        since = start.strftime("%Y-%m-%dT%H:%M:%SZ")
        known_as = f"{calls.CALLS} of {days} days"
        return await self.ask.section(Want(calls.CALLS, {"filter.fromDateTime": since}, known_as=known_as))

    async def _tasks(self) -> Section:
        """Tasks of the open projects that were changed last; of the recorded ones in a replay."""
        if self.ask.sources.reader.upstream.recorded or not self.ask.sources.serves("asana"):
            return await self.ask.section(Want(work.TASKS))
        projects = await self.ask.section(Want(work.ASANA))
        if not projects.usable:
            return Section(work.TASKS, "unavailable", error=projects.error)
        ongoing = [one for one in work.all_projects({work.ASANA: projects}) if not one.closed]
        latest = sorted(ongoing, key=lambda one: one.updated_at or work.EARLIEST, reverse=True)
        if not latest:
            return replace(projects, id=work.TASKS, rows=())
        found = await self._tasks_of([one.id for one in latest[:PROJECTS_READ]])
        if projects.fresh or not found.fresh:
            return found
        # Which projects they are of was known a while ago.
        return replace(found, source="stale", age=max(found.age, projects.age), error=projects.error)

    async def _tasks_of(self, projects: list[str]) -> Section:
        if self.ask.sources.reader.upstream.recorded:
            return await self.ask.section(Want(work.TASKS))
        parts = await self.ask.sections(*(Want(work.TASKS, arguments={"project": id}) for id in projects))
        return combined(work.TASKS, parts)


def _in_part(one: Section) -> Section:
    """The section, which says so where what was looked for may stand further on."""
    return replace(one, error="only in part read: see --max-pages") if one.fresh and not one.complete else one


def _by_id(found: list[Section]) -> Sections:
    return {one.id: one for one in found}
