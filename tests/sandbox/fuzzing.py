"""How much is tried, and requests that a sandbox lets in."""

from __future__ import annotations

import os
from collections.abc import Sequence

import httpx
from hypothesis import strategies as st

from bi_contracts.paths import Json
from bi_contracts.platform import Platform
from bi_contracts.sandbox import Sandbox

DEPTH = int(os.environ.get("BI_CONTRACTS_FUZZ", "1"))
"""How many times as much is tried as usual."""


def signed(sandbox: Sandbox, platform: Platform, request: httpx.Request) -> httpx.Request:
    """The request with the credential that the sandbox accepts, after a login where the platform wants one."""
    flow = platform.auth.sign(sandbox.credentials(platform.name)).sync_auth_flow(request)
    sent = next(flow)
    while sent is not request:
        answer = sandbox.handle(sent)
        answer.read()
        sent = flow.send(answer)
    return sent


def json_values(names: Sequence[str], words: Sequence[str] = ()) -> st.SearchStrategy[Json]:
    """Any JSON; members of objects have these names, and hold these words, more often than not."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)

    def deeper(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
        held = inner | st.sampled_from(words) if words else inner
        members = st.dictionaries(st.sampled_from(names) | st.text(max_size=5), held, max_size=4)
        return st.lists(inner, max_size=3) | members

    return st.recursive(leaves | st.text(max_size=8), deeper, max_leaves=12)
