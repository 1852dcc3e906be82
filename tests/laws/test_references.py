"""Every id in every record leads somewhere, and what is named in brief is what its own list says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import islice

import pytest

from bi_contracts.client import Client
from bi_contracts.paths import Json
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.sandbox import Sandbox

from ..platforms.declared import PLATFORMS, named

ROWS = 12
CHECKED = ("asana", "hubspot", "intercom", "notion", "slack")
CHECKED_PLATFORMS = tuple(platform for platform in PLATFORMS if platform.name in CHECKED)

IDENTIFIER = re.compile(r"(^|_)(g?ids?|user|creator|inviter)$|[a-z]Ids?$|\.(reply_users|channels)\.\d+$")

ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    # Things that no endpoint lists: parts of a record, kinds, the tenant itself, ids of the customer's own.
    "asana": ("*enum_options.*.gid", "*enum_value.gid", "metric.gid", "time_period.gid"),
    "hubspot": (
        "portalId",
        "teams.*.id",
        "roleIds.*",
        "primaryTeamId",
        "associationTypes.*.typeId",
        "stages.*.id",
        "*objectTypeId",
        "*ObjectTypeId",
        "associations.*.id",
        "id",  # pipelines are listed by label
        "sourceId",
    ),
    "intercom": (
        "*workspace_id",
        "*external_id",
        "notes.data.*.id",  # tests/sandbox/test_intercom.py reads every one
        "source.id",
        "*_parts.*.id",
        "company_id",
        "app_id",
        "plan.id",
        "content_id",
        "help_center_id",
        "*ticket_type_attributes.data.*.id",
        "ticket_id",
        "*_assignee_id",  # 0 is nobody
    ),
    "notion": (
        "request_id",
        "*workspace_id",
        "*database_id",  # tests/sandbox/test_notion.py reads every one
        "properties.*",
        "discussion_id",
    ),
    "slack": (
        "*team_id",
        "*team_ids.*",
        "user",  # the name of whoever asks
        "*bot_id",  # tests/sandbox/test_slack.py reads every one
        "id",  # the team
        "*app_id",
        "bot_profile.*",
        "properties.tabs.*.id",
        "blocks.*.block_id",
        "client_msg_id",
    ),
}
"""Platform -> paths of ids that lead to no list."""

ONLY_HERE = {
    ("intercom", "type"),  # a contact who writes is a user, or a lead
    ("hubspot", "type"),
}
"""Members that a thing in brief has and that are not its own."""


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(CHECKED_PLATFORMS, rows=ROWS, enforce_limits=False)


def lists(platform: Platform) -> Iterator[Endpoint]:
    return (endpoint for endpoint in platform.endpoints if endpoint.kind == "list")


def records(sandbox: Sandbox, platform: Platform) -> Iterator[tuple[Endpoint, Json]]:
    """Records of every read endpoint, as a client gets them."""
    client = Client(platform, sandbox.credentials(platform.name), transport=sandbox.transport())
    for endpoint in platform.endpoints:
        if endpoint.kind == "write":
            continue
        parents = {
            name: [sandbox.world.collection(platform, platform.endpoint(parent)).key(place) for place in range(6)]
            for name, parent in endpoint.parents.items()
        }
        for place in range(6 if parents else 1):
            said = {name: keys[0 if name in _above(endpoint) else place] for name, keys in parents.items()}
            yield from ((endpoint, record) for record in _asked(client, endpoint, said))


def _above(endpoint: Endpoint) -> list[str]:
    """All parents but the last: the first rows of the last one stand under the first rows of the others."""
    return list(endpoint.parents)[:-1]


def _asked(client: Client, endpoint: Endpoint, said: Mapping[str, Json]) -> list[Json]:
    if endpoint.kind == "list":
        return list(islice(client.records(endpoint.name, **said), 2 * ROWS))
    return [client.record(endpoint.name, **said)]


def leaves(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, f"{path}.{place}")
    else:
        yield path, value


def briefs(value: Json, top: bool = True) -> Iterator[Mapping[str, Json]]:
    """The objects inside a record."""
    if isinstance(value, Mapping):
        if not top:
            yield value
        for item in value.values():
            yield from briefs(item, False)
    elif isinstance(value, list):
        for item in value:
            yield from briefs(item, False)


def is_identifier(path: str) -> bool:
    return bool(IDENTIFIER.search(path) or IDENTIFIER.search(re.sub(r"\.\d+$", "", path).rpartition(".")[2]))


@pytest.mark.parametrize("platform", CHECKED_PLATFORMS, ids=named)
def test_every_id_leads_somewhere(sandbox: Sandbox, platform: Platform) -> None:
    """An id in a record is the key of a row that some list of the platform has."""
    homes = [sandbox.world.collection(platform, endpoint) for endpoint in lists(platform)]
    astray: defaultdict[str, list[Json]] = defaultdict(list)
    for _, record in records(sandbox, platform):
        for path, value in leaves(record):
            if value in (None, "") or isinstance(value, bool) or not is_identifier(path):
                continue
            if any(fnmatchcase(path, known) for known in ELSEWHERE[platform.name]):
                continue
            if not any(home.position(key) is not None for home in homes for key in (value, str(value))):
                astray[path].append(value)
    assert not astray


@pytest.mark.parametrize("platform", CHECKED_PLATFORMS, ids=named)
def test_what_is_named_in_brief_is_what_its_list_says(sandbox: Sandbox, platform: Platform) -> None:
    """The name, address or number of a thing is the same wherever the thing is shown."""
    known: dict[Json, Mapping[str, Json]] = {}
    seen = list(records(sandbox, platform))
    for endpoint, record in seen:
        key = record.get(endpoint.key) if endpoint.key in ("id", "gid") and isinstance(record, Mapping) else None
        if isinstance(key, str) and len(key) > 5:
            known[key] = {**known.get(key, {}), **record}
    different = []
    for endpoint, record in seen:
        for brief in briefs(record):
            whole = known.get(brief.get("id", brief.get("gid")), {}) if _plain_key(brief) else {}
            for name, value in brief.items():
                if (platform.name, name) in ONLY_HERE or isinstance(value, Mapping | list) or name not in whole:
                    continue
                if whole[name] != value:
                    different.append((endpoint.name, name, value, whole[name]))
    assert not different


def _plain_key(brief: Mapping[str, Json]) -> bool:
    return isinstance(brief.get("id", brief.get("gid")), str)


@pytest.mark.parametrize("platform", CHECKED_PLATFORMS, ids=named)
def test_nothing_is_changed_before_it_is_made(sandbox: Sandbox, platform: Platform) -> None:
    """A record's time of change, where it has one, is not before its time of creation."""
    early = [
        (endpoint.name, made, changed)
        for endpoint, record in records(sandbox, platform)
        for made, changed in PAIRS
        if isinstance(record, Mapping)
        and record.get(made)
        and record.get(changed)
        and str(record[changed]) < str(record[made])
    ]
    assert not early


PAIRS = (
    ("created_at", "updated_at"),
    ("created_at", "modified_at"),
    ("created_at", "completed_at"),
    ("createdAt", "updatedAt"),
    ("created_time", "last_edited_time"),
    ("date_create", "date_update"),
)
