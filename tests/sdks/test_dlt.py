"""A loader that people run, dlt's `rest_api` source, against the sandbox over HTTP into DuckDB: every row once.

Nothing of ours is in between: each configuration is what a person writes for the vendor, with the base URL changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.cassette.sockets import block_sockets
from bi_contracts.client import Client
from bi_contracts.platform import Platform
from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import draw_arguments

pytestmark = pytest.mark.filterwarnings("default")  # a loader's own warnings are its own affair
ROWS = 120
FEW = 8
SIZE = 50


@dataclass(frozen=True)
class Load:
    """How dlt reads one endpoint of a platform.

    Attributes:
        endpoint: dlt's endpoint: path, method, params or json, data_selector, paginator.
        key: The column that tells rows apart.
        headers: Sent with every request.
        auth: The kind of dlt's authentication; "" for the bare token in `Authorization`.
    """

    endpoint: Mapping[str, Any]
    key: str = "id"
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: str = "bearer"


def cursor(path: str, **where: str) -> dict[str, str]:
    return {"type": "cursor", "cursor_path": path, **where}


LOADS = {
    "asana/workspaces": Load(
        {
            "path": "workspaces",
            "params": {"limit": SIZE},
            "data_selector": "data",
            "paginator": cursor("next_page.offset", cursor_param="offset"),
        },
        key="gid",
    ),
    "slack/conversations": Load(
        {
            "path": "conversations.list",
            "params": {"limit": SIZE},
            "data_selector": "channels",
            "paginator": cursor("response_metadata.next_cursor", cursor_param="cursor"),
        }
    ),
    "notion/search": Load(
        {
            "path": "search",
            "method": "POST",
            "json": {"page_size": SIZE},
            "data_selector": "results",
            "paginator": cursor("next_cursor", cursor_body_path="start_cursor"),
        },
        headers={"Notion-Version": "2025-09-03"},
    ),
    "hubspot/contacts": Load(
        {
            "path": "crm/v3/objects/contacts",
            "params": {"limit": SIZE},
            "data_selector": "results",
            "paginator": cursor("paging.next.after", cursor_param="after"),
        }
    ),
    "intercom/contacts": Load(
        {
            "path": "contacts",
            "params": {"per_page": SIZE},
            "data_selector": "data",
            "paginator": cursor("pages.next.starting_after", cursor_param="starting_after"),
        }
    ),
    "gong/users": Load(
        {
            "path": "v2/users",
            "data_selector": "users",
            "paginator": cursor("records.cursor", cursor_param="cursor"),
        },
        auth="http_basic",
    ),
    "looker/users": Load(
        {
            "path": "users",
            "params": {"fields": "id,email"},
            "data_selector": "$",
            "paginator": {"type": "offset", "limit": SIZE, "total_path": None},
        },
        auth="oauth2_client_credentials",
    ),
    "salesforce/contacts": Load(
        {
            "path": "services/data/v59.0/query",
            "params": {"q": "SELECT Id, Email FROM Contact"},
            "headers": {"Sforce-Query-Options": "batchSize=200"},
            "data_selector": "records",
            "paginator": {"type": "json_link", "next_url_path": "nextRecordsUrl"},
        },
        key="id",
    ),
    "linear/users": Load(
        {
            "path": "graphql",
            "method": "POST",
            "json": {
                "query": "query($first: Int, $after: String) {{ users(first: $first, after: $after)"
                " {{ nodes {{ id name }} pageInfo {{ hasNextPage endCursor }} }} }}",
                "variables": {"first": SIZE},
            },
            "data_selector": "data.users.nodes",
            "paginator": cursor(
                "data.users.pageInfo.endCursor",
                cursor_body_path="variables.after",
                has_more_path="data.users.pageInfo.hasNextPage",
            ),
        },
        auth="",
    ),
}


@contextmanager
def served(rows: int) -> Iterator[tuple[Sandbox, str]]:
    """A sandbox and its address."""
    pytest.importorskip("dlt", reason="dlt is not installed (tox -e loaders)")
    pytest.importorskip("uvicorn", reason="needs the extra sandbox-http")
    from bi_contracts.sandbox.server import running

    sandbox = Sandbox(platforms(), rows=rows)
    with running(sandbox) as url:
        yield sandbox, url


@pytest.fixture(scope="module")
def big() -> Iterator[tuple[Sandbox, str]]:
    with served(ROWS) as found:
        yield found


@pytest.fixture(scope="module")
def small() -> Iterator[tuple[Sandbox, str]]:
    with served(FEW) as found:
        yield found


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A pipeline into a database of its own. Only this machine can be reached, and nothing is kept elsewhere."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "HOME": str(tmp_path),
        "DLT_DATA_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    import dlt

    with block_sockets(("127.0.0.1",)):
        yield dlt.pipeline(
            "loaded",
            destination=dlt.destinations.duckdb(str(tmp_path / "loaded.duckdb")),
            dataset_name="vendor",
            pipelines_dir=str(tmp_path / "pipelines"),
        )


def authenticated(sandbox: Sandbox, platform: Platform, kind: str, base: str) -> dict[str, Any]:
    """The credential as dlt takes it."""
    values = tuple(sandbox.credentials(platform.name).values())
    match kind:
        case "bearer":
            return {"auth": {"type": "bearer", "token": values[0]}}
        case "http_basic":
            return {"auth": {"type": "http_basic", "username": values[0], "password": values[1]}}
        case "oauth2_client_credentials":
            login = {"access_token_url": f"{base}/login", "client_id": values[0], "client_secret": values[1]}
            return {"auth": {"type": kind, **login}}
    return {"headers": {"Authorization": values[0]}}


def source(sandbox: Sandbox, url: str, platform: Platform, load: Load, **resource: Any) -> Any:
    """dlt's source for one endpoint."""
    from dlt.sources.rest_api import rest_api_source

    base = f"{url}/{platform.name}{httpx.URL(platform.base_url).path}".rstrip("/")
    known = authenticated(sandbox, platform, load.auth, base)
    client = {**known, "base_url": f"{base}/", "headers": {**known.get("headers", {}), **load.headers}}
    endpoint = {"name": "rows", "endpoint": dict(load.endpoint), "max_table_nesting": 0, **resource}
    return rest_api_source({"client": client, "resources": [endpoint]})


def loaded(pipeline: Any, column: str) -> Counter[Any]:
    """The values of a column, and how often each arrived."""
    with pipeline.sql_client() as client:
        return Counter(value for (value,) in client.execute_sql(f"SELECT {column} FROM rows"))


def expected(sandbox: Sandbox, platform: Platform, name: str, key: str) -> list[Any]:
    """The keys that our client reads, under the first row of every parent."""
    with Client(platform, sandbox.credentials(platform.name), transport=sandbox.transport(), patience=30) as client:
        arguments = draw_arguments(client, platform.endpoint(name))
        return [row.get(key) or row[key.capitalize()] for row in client.records(name, **arguments)]


@pytest.mark.parametrize("id", sorted(LOADS))
def test_every_row_arrives_once(big: tuple[Sandbox, str], pipeline: Any, id: str) -> None:
    """Page after page, by the loader's own paginator; the same rows that our client reads."""
    sandbox, url = big
    name, _, endpoint = id.partition("/")
    platform = sandbox.platforms[name]
    pipeline.run(source(sandbox, url, platform, LOADS[id])).raise_on_failed_jobs()
    arrived = loaded(pipeline, LOADS[id].key)
    assert len(arrived) >= ROWS
    assert arrived == Counter(expected(sandbox, platform, endpoint, LOADS[id].key))
    assert set(arrived.values()) == {1}


def test_rows_below_every_parent_arrive_once(small: tuple[Sandbox, str], pipeline: Any) -> None:
    """The loader resolves each channel's id from the rows above, and reads that channel's messages to the end."""
    sandbox, url = small
    from dlt.sources.rest_api import rest_api_source

    (token,) = sandbox.credentials("slack").values()
    history = {
        "path": "conversations.history",
        "params": {"channel": "{resources.channels.id}", "limit": 5},
        "data_selector": "messages",
        "paginator": cursor("response_metadata.next_cursor", cursor_param="cursor"),
    }
    channels = {**LOADS["slack/conversations"].endpoint}
    config = {
        "client": {"base_url": f"{url}/slack/api/", "headers": {"Authorization": f"Bearer {token}"}},
        "resources": [
            {"name": "channels", "endpoint": channels, "max_table_nesting": 0},
            {"name": "rows", "endpoint": history, "include_from_parent": ["id"], "max_table_nesting": 0},
        ],
    }
    pipeline.run(rest_api_source(config)).raise_on_failed_jobs()
    arrived = loaded(pipeline, "_channels_id")
    assert arrived == dict.fromkeys(loaded(pipeline, "DISTINCT _channels_id"), FEW)
    assert len(arrived) == FEW


def test_a_second_load_brings_what_has_changed_since(small: tuple[Sandbox, str], pipeline: Any) -> None:
    """Asana's `modified_since`, filled in by the loader: of eight tasks the changed one comes again."""
    sandbox, url = small
    platform = sandbox.platforms["asana"]
    project = expected(sandbox, platform, "projects", "gid")[0]
    load = Load(
        {
            "path": "tasks",
            "params": {
                "project": project,
                "limit": 3,
                "opt_fields": "name,modified_at",
                "modified_since": "{incremental.start_value}",
            },
            "data_selector": "data",
            "paginator": cursor("next_page.offset", cursor_param="offset"),
            "incremental": {"cursor_path": "modified_at", "initial_value": "2000-01-01T00:00:00.000Z"},
        }
    )

    def run() -> int:
        rows = source(sandbox, url, platform, load, write_disposition="merge", primary_key="gid")
        pipeline.run(rows).raise_on_failed_jobs()
        counts: dict[str, int] = pipeline.last_trace.last_normalize_info.row_counts
        return counts.get("rows", 0)

    assert run() == FEW
    changed = loaded(pipeline, "gid").popitem()[0]
    (token,) = sandbox.credentials("asana").values()
    answer = httpx.put(
        f"{url}/asana/api/1.0/tasks/{changed}",
        json={"data": {"name": "Ask again"}},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200
    assert run() == 1
    names = loaded(pipeline, "name")
    assert (names.total(), names["Ask again"]) == (FEW, 1)
