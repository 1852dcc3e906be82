"""Looks, dashboards, and what a look returns."""

from __future__ import annotations

from ...paths import Json, dig
from ..models import Look, LookerDashboard, LookerDashboards, LookerTotals, LookRun, Looks, told
from ..section import Sections, derived
from .values import first_text, flag, moment, number

LOOKS, DASHBOARDS, RUN = "looker/looks", "looker/dashboards", "looker/look_run"


def looks(sections: Sections, *, limit: int = 100) -> Looks:
    """Looks, seen most first."""
    found = all_looks(sections)
    found.sort(key=lambda one: (-(one.views or 0), one.id))
    degraded, at, states = told(sections)
    return Looks(degraded=degraded, at=at, sections=states, total=len(found), looks=found[:limit])


def dashboards(sections: Sections, *, limit: int = 100) -> LookerDashboards:
    """Dashboards, by title."""
    found = all_dashboards(sections)
    found.sort(key=lambda one: (one.title or "", one.id))
    degraded, at, states = told(sections)
    return LookerDashboards(degraded=degraded, at=at, sections=states, total=len(found), dashboards=found[:limit])


def run(sections: Sections, look_id: str | None, *, limit: int = 100) -> LookRun:
    """The rows of a look."""
    found = [row for id, one in sections.items() if id != LOOKS for row in one.rows if isinstance(row, dict)]
    degraded, at, states = told(sections)
    return LookRun(
        degraded=degraded,
        at=at,
        sections=states,
        look_id=look_id,
        total=len(found),
        columns=list(dict.fromkeys(name for row in found[:limit] for name in row)),
        rows=found[:limit],
    )


def all_looks(sections: Sections) -> list[Look]:
    """Every look that is not deleted."""
    found = derived(sections, LOOKS, "looks", lambda rows: tuple(_look(row) for row in rows if _kept(row)))
    return list(found)


def all_dashboards(sections: Sections) -> list[LookerDashboard]:
    """Every dashboard that is not deleted."""
    found = derived(sections, DASHBOARDS, "looks", lambda rows: tuple(_dashboard(row) for row in rows if _kept(row)))
    return list(found)


def looker_totals(sections: Sections) -> LookerTotals:
    """Looker in figures."""
    read = {id: id in sections and sections[id].usable for id in (LOOKS, DASHBOARDS)}
    return LookerTotals(
        looks=len(all_looks(sections)) if read[LOOKS] else None,
        dashboards=len(all_dashboards(sections)) if read[DASHBOARDS] else None,
    )


def _kept(row: Json) -> bool:
    return not flag(dig(row, "deleted"))


def _look(row: Json) -> Look:
    views = number(dig(row, "view_count"))
    return Look(
        id=first_text(row, "id") or "",
        title=first_text(row, "title"),
        description=first_text(row, "description"),
        folder=first_text(row, "folder.name"),
        views=None if views is None else int(views),
        updated_at=moment(dig(row, "updated_at")),
        url=first_text(row, "short_url"),
    )


def _dashboard(row: Json) -> LookerDashboard:
    return LookerDashboard(
        id=first_text(row, "id") or "",
        title=first_text(row, "title"),
        description=first_text(row, "description"),
        folder=first_text(row, "folder.name"),
        hidden=flag(dig(row, "hidden")),
    )
