"""Sparse fieldsets: what a request names is what it gets."""

from __future__ import annotations

import httpx
import pytest

from bi_contracts.paths import Json
from bi_contracts.registry import platform
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.fieldsets import picked

TASK = {
    "gid": "1",
    "name": "Draw the map",
    "notes": "",
    "assignee": {"gid": "2", "name": "Ava", "email": "ava@example.com"},
    "memberships": [{"project": {"gid": "3", "name": "Atlas"}, "section": {"gid": "4"}}],
    "parent": None,
}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("", TASK),
        ("name", {"gid": "1", "name": "Draw the map"}),
        (" name ,, notes", {"gid": "1", "name": "Draw the map", "notes": ""}),
        ("assignee.name", {"gid": "1", "assignee": {"gid": "2", "name": "Ava"}}),
        ("assignee", {"gid": "1", "assignee": TASK["assignee"]}),
        ("assignee.name,assignee", {"gid": "1", "assignee": {"gid": "2", "name": "Ava"}}),
        ("assignee,assignee.name", {"gid": "1", "assignee": {"gid": "2", "name": "Ava"}}),
        ("assignee.name,assignee.email", {"gid": "1", "assignee": TASK["assignee"]}),
        ("memberships.project.name", {"gid": "1", "memberships": [{"project": {"gid": "3", "name": "Atlas"}}]}),
        ("parent.name,unknown", {"gid": "1", "parent": None}),
    ],
)
def test_a_record_has_its_key_and_what_was_named(fields: str, found: Json) -> None:
    """An object that is named has all its fields; of one whose field is named, that and its key."""
    assert picked(TASK, fields, "gid") == found


def asked(sandbox: Sandbox, path: str, fields: str, **arguments: str) -> Json:
    credential = sandbox.credentials("asana")["ASANA_ACCESS_TOKEN"]
    with httpx.Client(transport=sandbox.transport(), headers={"Authorization": f"Bearer {credential}"}) as client:
        params = {"opt_fields": fields, "limit": "2", **arguments}
        answer = client.get(f"https://app.asana.com/api/1.0{path}", params=params)
    return answer.json()["data"]


def test_lists_and_items_keep_to_the_fields() -> None:
    """Asana's `opt_fields` decides which fields exist, in a list and in an item, each time anew."""
    sandbox = Sandbox([platform("asana")], rows=3)
    rows = asked(sandbox, "/workspaces", "name")
    assert [set(row) for row in rows] == [{"gid", "name"}] * 2
    assert [set(row) for row in asked(sandbox, "/workspaces", "resource_type")] == [{"gid", "resource_type"}] * 2
    assert set(asked(sandbox, "/users/me", "email")) == {"gid", "email"}
    project = asked(sandbox, "/projects", "name", workspace=rows[0]["gid"])[0]
    assert set(asked(sandbox, f"/projects/{project['gid']}", "name,owner.name")) <= {"gid", "name", "owner"}


def test_many_choices_of_fields_do_not_fill_the_memory() -> None:
    """Rendered rows are kept for a limited number of choices."""
    sandbox = Sandbox([platform("asana")], rows=3, enforce_limits=False)
    for number in range(130):
        assert asked(sandbox, "/workspaces", f"name,field{number}")
    assert len(sandbox._behaviours["asana"].rendered) <= 101


def test_the_sandboxs_own_pages_say_what_they_are() -> None:
    """Answers of the admin address carry the header too: their recordings never pass for the vendor's."""
    sandbox = Sandbox([platform("asana")], rows=3)
    assert sandbox.handle(httpx.Request("GET", "http://localhost/_sandbox")).headers["x-bi-contracts-sandbox"] == "1"
