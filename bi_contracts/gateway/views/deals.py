"""Deals of HubSpot and opportunities of Salesforce, by stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ...paths import Json, dig
from ..models import Deal, Pipeline, PipelineTotals, Stage, told
from ..section import Sections, derived, rows
from .values import day, first_text, flag, items, moment, number, share, text

HUBSPOT, SALESFORCE, PIPELINES = "hubspot/deals", "salesforce/opportunities", "hubspot/deal_pipelines"
DEALS = (HUBSPOT, PIPELINES, SALESFORCE)
EARLIEST = datetime.min.replace(tzinfo=UTC)


def pipeline(sections: Sections, *, limit: int = 100) -> Pipeline:
    """Deals by stage; open ones first, then changed last first."""
    found = all_deals(sections)
    found.sort(key=lambda one: (not one.closed, one.updated_at or EARLIEST, one.platform, one.id), reverse=True)
    degraded, at, states = told(sections)
    return Pipeline(
        degraded=degraded,
        at=at,
        sections=states,
        total=len(found),
        totals=totals(found),
        stages=stages(found),
        deals=found[:limit],
    )


def all_deals(sections: Sections) -> list[Deal]:
    """Every deal and opportunity. A HubSpot stage is told by its label where the pipelines could be read."""
    labels = _labels(rows(sections, PIPELINES))
    hubspot = derived(sections, HUBSPOT, "deals", lambda found: tuple(_hubspot(row) for row in found))
    salesforce = derived(sections, SALESFORCE, "deals", lambda found: tuple(_salesforce(row) for row in found))
    return [*(_labelled(one, labels) for one in hubspot), *salesforce]


def totals(found: Sequence[Deal]) -> list[PipelineTotals]:
    """Each CRM's deals in figures."""
    return [_totals(platform, [one for one in found if one.platform == platform]) for platform in _platforms(found)]


def stages(found: Sequence[Deal]) -> list[Stage]:
    """Counts and amounts of each stage, in the order in which stages first appear by platform."""
    grouped: dict[tuple[str, str | None, str | None], list[Deal]] = {}
    for one in sorted(found, key=lambda one: (one.platform, one.closed, one.probability or 0.0)):
        grouped.setdefault((one.platform, one.pipeline, one.stage), []).append(one)
    return [
        Stage(
            platform=platform,
            pipeline=of,
            stage=stage,
            count=len(group),
            amount=_sum(one.amount for one in group),
            weighted=_sum(one.weighted for one in group),
        )
        for (platform, of, stage), group in grouped.items()
    ]


def averages(found: Sequence[Deal]) -> dict[str, float]:
    """Platform -> mean amount of its deals that state one."""
    stated = {
        platform: [one.amount for one in found if one.platform == platform and one.amount is not None]
        for platform in _platforms(found)
    }
    return {platform: round(sum(amounts) / len(amounts), 2) for platform, amounts in stated.items() if amounts}


def evidence(one: Deal) -> str:
    """The id of a deal's row."""
    return f"{HUBSPOT if one.platform == 'hubspot' else SALESFORCE}/{one.id}"


def _totals(platform: str, found: Sequence[Deal]) -> PipelineTotals:
    ongoing = [one for one in found if not one.closed]
    won = [one for one in found if one.won]
    lost = len(found) - len(ongoing) - len(won)
    return PipelineTotals(
        platform=platform,
        open=len(ongoing),
        won=len(won),
        lost=lost,
        open_amount=_sum(one.amount for one in ongoing),
        weighted_amount=_sum(one.weighted for one in ongoing),
        won_amount=_sum(one.amount for one in won),
        without_amount=sum(1 for one in ongoing if one.amount is None),
        win_rate=round(len(won) / (len(won) + lost), 4) if won or lost else None,
    )


def _platforms(found: Sequence[Deal]) -> list[str]:
    return list(dict.fromkeys(one.platform for one in found))


def _sum(amounts: Iterable[float | None]) -> float:
    return round(sum(amount for amount in amounts if amount is not None), 2)


Labels = dict[tuple[str | None, str | None], tuple[str | None, str | None]]


def _labels(pipelines: Sequence[Json]) -> Labels:
    """(pipeline id, stage id) -> their labels, the ids again where there are none."""
    found = (
        (text(dig(one, "id")), text(dig(stage, "id")), text(dig(one, "label")), text(dig(stage, "label")))
        for one in pipelines
        for stage in items(dig(one, "stages"))
    )
    return {(id, stage): (label or id, named or stage) for id, stage, label, named in found}


def _labelled(one: Deal, labels: Labels) -> Deal:
    named = labels.get((one.pipeline, one.stage))
    return one.model_copy(update={"pipeline": named[0], "stage": named[1]}) if named else one


def _hubspot(row: Json) -> Deal:
    amount, probability = number(dig(row, "properties.amount")), share(dig(row, "properties.hs_deal_stage_probability"))
    won = flag(dig(row, "properties.hs_is_closed_won"))
    return Deal(
        platform="hubspot",
        id=first_text(row, "id") or "",
        name=first_text(row, "properties.dealname"),
        pipeline=first_text(row, "properties.pipeline"),
        stage=first_text(row, "properties.dealstage"),
        amount=amount,
        probability=probability,
        weighted=_weighted(amount, probability),
        closed=won or flag(dig(row, "properties.hs_is_closed")),
        won=won,
        close_date=day(dig(row, "properties.closedate")),
        owner_id=first_text(row, "properties.hubspot_owner_id"),
        created_at=moment(dig(row, "createdAt")),
        updated_at=moment(dig(row, "updatedAt")),
        url=first_text(row, "url"),
    )


def _salesforce(row: Json) -> Deal:
    amount, probability = number(dig(row, "Amount")), share(dig(row, "Probability"), of=100.0)
    won = flag(dig(row, "IsWon"))
    return Deal(
        platform="salesforce",
        id=first_text(row, "Id") or "",
        name=first_text(row, "Name"),
        pipeline=None,
        stage=first_text(row, "StageName"),
        amount=amount,
        probability=probability,
        weighted=_weighted(amount, probability),
        closed=won or flag(dig(row, "IsClosed")),
        won=won,
        close_date=day(dig(row, "CloseDate")),
        owner_id=first_text(row, "OwnerId"),
        created_at=moment(dig(row, "CreatedDate")),
        updated_at=moment(dig(row, "LastModifiedDate")),
        url=None,
    )


def _weighted(amount: float | None, probability: float | None) -> float | None:
    return None if amount is None or probability is None else round(amount * probability, 2)
