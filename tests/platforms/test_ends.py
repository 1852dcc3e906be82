"""How each API says that there is more, and that there is none: the shapes its vendor answers with."""

from __future__ import annotations

import pytest

from bi_contracts.paths import Json

from .declared import PLATFORMS, arguments

BY_NAME = {platform.name: platform for platform in PLATFORMS}


def fields(id: str, size: int | None) -> dict[str, Json]:
    """What stands beside the first of three rows, asked for with pages of `size`."""
    name, _, of = id.partition("/")
    platform = BY_NAME[name]
    endpoint = platform.endpoint(of)
    request = platform.request(endpoint, arguments(platform, endpoint))
    if size is not None:
        request = endpoint.paginator.sized(request, size)
    return dict(endpoint.paginator.serve(request, ["a", "b", "c"], {}).fields)


@pytest.mark.parametrize(
    ("id", "end"),
    [
        ("slack/users", {"response_metadata.next_cursor": ""}),
        ("slack/history", {"has_more": False}),
        ("notion/users", {"next_cursor": None, "has_more": False}),
        ("asana/tasks", {"next_page": None}),
        (
            "intercom/contacts",
            {"pages.page": 1, "pages.per_page": 5, "pages.total_pages": 1, "total_count": 3},
        ),
        (
            "intercom/articles",
            {"pages.next": None, "pages.page": 1, "pages.per_page": 5, "pages.total_pages": 1, "total_count": 3},
        ),
    ],
)
def test_the_last_page(id: str, end: dict[str, Json]) -> None:
    """Null, an empty string, or nothing at all: each as the vendor does."""
    assert fields(id, 5) == end


def test_asana_does_not_page_until_a_limit_is_sent() -> None:
    """Without `limit` there is no `next_page`, and every row comes."""
    assert fields("asana/tasks", None) == {}


def test_intercom_numbers_the_next_page() -> None:
    """Beside the cursor stands the number of the page that it leads to."""
    found = fields("intercom/contacts", 2)
    assert found["pages.next.page"] == 2
    assert found["pages.next.starting_after"]


def test_asana_tells_where_the_next_page_is() -> None:
    """Offset, path and URI lead to the same page."""
    found = fields("asana/tasks", 2)
    assert found["next_page.uri"].endswith(found["next_page.path"])
    assert found["next_page.offset"] in found["next_page.path"].replace("%3D", "=")
