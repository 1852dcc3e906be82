"""The examples against real answers that others recorded: the sandbox must look like the API it imitates."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from bi_contracts.platform import Platform

from .declared import PLATFORMS, named
from .recorded import Shape, answers, declared_shape, endpoint_of, shape

WARNED: Shape = {
    ("/warning", "string"),
    ("/response_metadata", "object"),
    ("/response_metadata/warnings", "array"),
    ("/response_metadata/warnings/*", "string"),
}
"""What Slack adds to the answer of a JSON post that names no character set; the sandbox does so too."""

KNOWN_GAPS: dict[str, Shape] = {
    "slack/post_message": WARNED,
    "slack/delete_message": WARNED,
    # Recorded under an older Notion-Version than the declared one.
    "notion/search": {("/page_or_database", "object")},
    # Of objects (Event, PushTopic, WorkOrder) that the sandbox's org has not.
    "salesforce/sobjects": {
        ("/sobjects/*/urls/eventSeriesUpdates", "string"),
        ("/sobjects/*/urls/push", "string"),
        ("/sobjects/*/urls/workOrderArticleSuggestions", "string"),
        ("/sobjects/*/urls/workOrderLineItemArticleSuggestions", "string"),
        ("/sobjects/*/urls/workOrderLineItemRowArticleSuggestions", "string"),
        ("/sobjects/*/urls/workOrderRowArticleSuggestions", "string"),
    },
    # Recorded 2019 to 2021; newer recordings no longer hold these.
    "slack/conversations": {("/channels/*/members", "array"), ("/channels/*/members/*", "string")},
    "slack/conversation": {
        ("/channel/is_open", "boolean"),
        ("/channel/latest", "null"),
        ("/channel/members", "array"),
        ("/channel/members/*", "string"),
        ("/channel/unread_count", "number"),
        ("/channel/unread_count_display", "number"),
    },
    "slack/users": {
        ("/members/*/is_invited_user", "boolean"),
        ("/members/*/presence", "string"),
        ("/offset", "string"),
    },
}


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_every_recorded_value_has_an_example(platform: Platform, vendor_data: Path) -> None:
    """Each path and type in a real answer stands in the endpoint's examples, or is a gap with a reason."""
    gaps: dict[str, Shape] = defaultdict(set)
    compared = 0
    for method, path, body in answers(vendor_data, platform):
        endpoint = endpoint_of(platform, method, path, body)
        if endpoint is not None:
            compared += 1
            id = platform.id(endpoint)
            gaps[id] |= shape(body) - declared_shape(platform, endpoint) - KNOWN_GAPS.get(id, set())
    if not compared:
        pytest.skip(f"no recorded answer of an endpoint declared for {platform.name}")
    assert {id: sorted(found) for id, found in gaps.items() if found} == {}
