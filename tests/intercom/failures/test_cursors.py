"""Pages that lie: rows in no order, pages that come twice or for ever, seconds that fill many pages."""

from __future__ import annotations

import pytest

from bi_contracts.platforms.intercom import CONVERSATION

from .workspace import Json, Workspace

pytestmark = pytest.mark.usefixtures("small_pages")

SEARCH = "intercom/conversations_search"


def crowded(workspace: Workspace, sizes: list[int], *, apart: bool) -> list[str]:
    """Puts so many conversations in one second, so many in the next and so on; gives their ids.

    They were created one after the other (`apart`), or all at once.
    """
    now = int(workspace.sandbox.now()) - 5000
    rows: list[Json] = [
        {
            **CONVERSATION,
            "id": f"{second}{number:03}",
            "created_at": now - (20 * second + number) * apart,
            "updated_at": now + second,
            "conversation_parts": {"conversation_parts": [], "total_count": 0, "type": "conversation_part.list"},
        }
        for second, size in enumerate(sizes)
        for number in range(size)
    ]
    workspace.sandbox.put("intercom/conversations", rows)
    return [str(row["id"]) for row in rows]


@pytest.mark.parametrize(
    "fault", ["shuffle", "duplicate", "loop", "page-drift=2", "page-drift=-2", "shuffle; loop; share=0.4"]
)
def test_pages_that_lie_lose_nothing(workspace: Workspace, fault: str) -> None:
    """In a first sync and in one of what changed: everything is held, and it ends."""
    workspace.sandbox.rule(f"{SEARCH}: {fault}")
    workspace.sync()
    assert workspace.ours() == workspace.theirs()
    for id in workspace.ids()[::2]:
        workspace.reply(id)
    workspace.seconds += 60
    workspace.sync()
    assert workspace.ours() == workspace.theirs()


@pytest.mark.parametrize("sizes", [[4, 5, 6], [1, 16, 1]])
@pytest.mark.parametrize("fault", ["", "shuffle", "duplicate", "loop"])
def test_a_second_can_fill_many_pages(workspace: Workspace, sizes: list[int], fault: str) -> None:
    """Conversations of one second are all held, in a first sync and after they changed together.

    Where no cursor leads on, they are told apart by when they were created.
    """
    ids = crowded(workspace, sizes, apart=fault in ("duplicate", "loop"))
    if fault:
        workspace.sandbox.rule(f"{SEARCH}: {fault}")
    done = workspace.sync()
    assert workspace.ours() == workspace.theirs()
    assert (set(workspace.ours()), done.warnings) == (set(ids), ())
    for id in ids[1:]:
        workspace.close(id)
    workspace.seconds += 60
    assert workspace.sync().warnings == ()
    assert workspace.ours() == workspace.theirs()
