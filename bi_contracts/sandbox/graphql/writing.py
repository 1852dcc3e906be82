"""Mutations after the convention `issueCreate`, `issueUpdate`, `issueArchive`: read from the schema alone."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...paths import Json
from ..collection import Collection
from ..writing import stamped
from .nodes import Node
from .problems import ARGUMENT, Invalid
from .schemas import Field

if TYPE_CHECKING:
    from .run import Run

VERBS = re.compile(r"(\w+?)(Create|Update|Delete|Archive|Unarchive)")
Record = dict[str, Json]


def of_type(run: Run, field: Field) -> tuple[str, str]:
    """The type and the verb of a mutation; both "" where it follows no convention."""
    found = VERBS.fullmatch(field.name)
    type_ = found[1][:1].upper() + found[1][1:] if found else ""
    return (type_, found[2]) if found and type_ in run.served.fields else ("", "")


def changes(run: Run, type_: str, given: Mapping[str, Json]) -> Record:
    """What an input changes in a record: `teamId` is the team, `labelIds` are the labels. Raises `Refusal`."""
    fields = run.served.fields[type_]
    patch: Record = {}
    for name, value in given.items():
        found = fields.get(name)
        if found is not None and found.form == "leaf":
            patch[name] = value
        if name.endswith("Id") and (single := fields.get(name[:-2])) is not None and single.form == "object":
            patch[single.name] = None if value is None else referred(run, type_, single, name, value)
        if name.endswith("Ids") and (several := fields.get(f"{name[:-3]}s")) is not None:
            values = value if isinstance(value, list) else []
            patch[several.name] = {"nodes": [referred(run, type_, several, name, item) for item in values]}
    return patch


def referred(run: Run, type_: str, field: Field, name: str, key: Json) -> Json:
    """Another object in brief, as records of a type show it. Raises `Refusal` and `Invalid`."""
    other = field.node or field.type
    if not isinstance(key, str) or (not _is_uuid(key) and run.tables.home(other) is None):
        raise malformed(name)
    if run.tables.home(other) is None:
        return {"id": key}
    home, position = run.located(other, key)
    whole = run.full(Node(other, {}, home, position))
    return {name: whole.get(name) for name in brief(run, type_, field)}


def brief(run: Run, type_: str, field: Field) -> Sequence[str]:
    """What records of a type show of the objects that a field refers to."""
    endpoint = run.tables.endpoint(type_)
    for example in endpoint.examples if endpoint is not None else ():
        value = example.get(field.name)
        if isinstance(value, Mapping) and isinstance(value.get("nodes"), list):
            value = next(iter(value["nodes"]), None)
        if isinstance(value, Mapping):
            return list(value)
    return ["id"]


def malformed(name: str) -> Invalid:
    """A value that is no identifier."""
    return Invalid("Argument Validation Error", ARGUMENT, f"{name} must be a UUID.")


def _is_uuid(key: str) -> bool:
    try:
        uuid.UUID(key)
    except ValueError:
        return False
    return True


def empty(run: Run, type_: str, home: Collection) -> Record:
    """A new record with nothing in it but what it cannot be without."""
    fields = run.served.fields[type_]
    blank = run.behaviour.world.blank(run.behaviour.platform, home.endpoint)
    now = stamped("2026-01-01T00:00:00.000Z", run.behaviour.clock())
    return dict(_emptied(blank, fields)) | {name: now for name in ("createdAt", "updatedAt") if name in fields}


def _emptied(blank: Mapping[str, Json], fields: Mapping[str, Field]) -> Iterator[tuple[str, Json]]:
    for name, value in blank.items():
        found = fields.get(name)
        if found is None or found.name == "id":
            yield name, value
        elif found.form == "connection":
            yield name, {"nodes": []}
        elif found.many:
            yield name, []
        else:
            yield name, value if found.required else None


def written(run: Run, type_: str, verb: str, arguments: Mapping[str, Json]) -> Node | None:
    """Does what a mutation says, and returns the object afterwards; None where it is gone. Raises `Refusal`."""
    behaviour, given = run.behaviour, arguments.get("input")
    given = given if isinstance(given, Mapping) else {}
    home = run.tables.home(type_)
    if verb == "Create":
        return _created(run, type_, home, given)
    if home is None:
        return run.plain(type_, {**arguments, **changes(run, type_, given)})
    home, position = run.located(type_, arguments.get("id"))
    if verb == "Delete":
        behaviour.world.delete(behaviour.platform, home.endpoint, position)
        behaviour.forget()
        return None
    return updated(run, type_, home, position, patch_of(run, type_, verb, arguments, given))


def patch_of(run: Run, type_: str, verb: str, arguments: Mapping[str, Json], given: Mapping[str, Json]) -> Record:
    """What a mutation changes in a record: archived or not, or what was given."""
    now = stamped("2026-01-01T00:00:00.000Z", run.behaviour.clock())
    match verb:
        case "Archive":
            return {"archivedAt": now, "trashed": True if arguments.get("trash") else None}
        case "Unarchive":
            return {"archivedAt": None, "trashed": None}
    return {**changes(run, type_, given), "updatedAt": now}


def updated(run: Run, type_: str, home: Collection, position: int, patch: Mapping[str, Json]) -> Node:
    """Changes a record, and returns the object afterwards."""
    run.behaviour.world.update(run.behaviour.platform, home.endpoint, position, patch)
    run.behaviour.forget()
    return run.node(type_, home, position)


def _created(run: Run, type_: str, home: Collection | None, given: Mapping[str, Json]) -> Node:
    behaviour = run.behaviour
    patch = changes(run, type_, given)
    if home is None:
        return run.plain(type_, patch)
    key = given.get("id")
    if key is not None and (not isinstance(key, str) or not _is_uuid(key)):
        raise malformed("id")
    record = behaviour.completed(run, type_, {**empty(run, type_, home), **patch})
    position = behaviour.world.create(behaviour.platform, home.endpoint, record)
    behaviour.forget()
    return run.node(type_, home, position)


def payload(run: Run, field: Field, type_: str, node: Node | None, arguments: Mapping[str, Json]) -> Node:
    """What a mutation answers."""
    fields: Mapping[str, Field] = run.served.fields[field.type]
    values: dict[str, Any] = {"success": True, "lastSyncId": run.behaviour.world.version}
    for found in fields.values():
        if found.form == "object":
            values[found.name] = node if found.type == type_ else None
    if "entityId" in fields:
        values["entityId"] = arguments.get("id")
    return run.plain(field.type, values)
