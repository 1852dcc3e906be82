"""What stands in a call: in keeping with itself, and as much of it as was selected."""

from __future__ import annotations

from collections.abc import Mapping

from ....paths import Json, bury, dig

BARE: Mapping[str, Json] = {
    "context": [],
    "parties": [],
    "content": {},
    "interaction": {},
    "collaboration": {},
    "media": {},
}
"""A call that was only just added: nothing is known of it yet."""


def aligned(example: Json, made: Json, known: Mapping[Json, Json]) -> Json:
    """A made row in which each value that is known from the example stands as it is known."""
    if isinstance(example, Mapping) and isinstance(made, Mapping):
        return {name: aligned(example.get(name), value, known) for name, value in made.items()}
    if isinstance(example, list | tuple) and isinstance(made, list) and len(example) == len(made):
        return [aligned(one, other, known) for one, other in zip(example, made, strict=True)]
    return known.get(example, made) if isinstance(example, str) else made


def timed(call: dict[str, Json]) -> dict[str, Json]:
    """A call in which nobody talks longer than it lasts, and nothing is said after its end."""
    lasts = call["metaData"]["duration"]
    speakers = dig(call, "interaction.speakers") or []
    talked = sum(one["talkTime"] for one in speakers)
    if talked > lasts:
        share = 0.9 * lasts / talked
        shorter = [{**one, "talkTime": round(one["talkTime"] * share, 2)} for one in speakers]
        call = bury(call, "interaction.speakers", shorter)
    told = dig(call, "content.highlights")
    if not told:
        return call
    within = [
        {**one, "items": [{**item, "startTimes": [at % lasts for at in item["startTimes"]]} for item in one["items"]]}
        for one in told
    ]
    return dict(bury(call, "content.highlights", within))


_NAMES = {"interactionStats": "personInteractionStats"}
"""Name in a call -> name in the selector, where the two differ."""


def selected(row: Json, selector: Mapping[str, Json]) -> Json:
    """The parts of a call that were asked for: its metadata always, the others by name."""
    exposed = selector.get("exposedFields") or {}
    shown = {name: value for name, value in row.items() if name not in _PARTS}
    if selector.get("context", "None") != "None":
        extended = selector["context"] == "Extended"
        shown["context"] = [one if extended else _in_brief(one) for one in row.get("context", [])]
    for name in ("parties", "media"):
        if exposed.get(name) and name in row:
            shown[name] = row[name]
    for name in ("content", "interaction", "collaboration"):
        wanted = exposed.get(name)
        if isinstance(wanted, Mapping) and name in row:
            parts = row[name].items()
            shown[name] = {part: value for part, value in parts if wanted.get(_NAMES.get(part, part))}
    return shown


def _in_brief(context: Mapping[str, Json]) -> Json:
    """Which objects, and nothing about them."""
    objects = [{name: value for name, value in one.items() if name != "fields"} for one in context["objects"]]
    return {**context, "objects": objects}


_PARTS = {"context", "parties", "content", "interaction", "collaboration", "media"}
