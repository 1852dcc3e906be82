"""Whatever a client sends, it is answered, and the server goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_contracts.intercom.server.schemas import answer_schema
from bi_contracts.intercom.server.server import call

from .worlds import NOW, T0, nothing, tools

TEXT = st.text(max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TIMES = ["7d", "2023-11-14", "2023-11-14T22:13:20Z", T0, NOW, "never", -1, 10**30, "9999-12-31", "99999w"]
WORDS = ["refund", '"my order"', "re*", "NEAR(a b)", "a AND", '"', "é🤖", "limit:x", "since:7d b"]
IDS = ["500", "conversation_501", "contact_c1", "c1", "503", "600", "", "x" * 201, "ann@x", 500, 1.5]
CURSORS = ["", "WzEsMiwzXQ", "WyI1MDAiLDEsMF0", "WyI1MDEiLDIsOTk5OTk5OTld", "WzEsMixudWxsXQ", "WzEsMiwieCJd"]
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "query": st.sampled_from(WORDS) | TEXT,
    "id": st.sampled_from(IDS) | TEXT,
    "since": st.sampled_from(TIMES),
    "until": st.sampled_from(TIMES),
    "cursor": st.sampled_from(CURSORS) | TEXT,
    "limit": st.integers(-1, 101),
    "max_bytes": st.integers(11_000, 50_000),
    "max_tokens": st.integers(2_000, 50_000),
    "state": st.sampled_from(["open", "closed", "submitted", "x"]),
    "stream": st.sampled_from(["conversations", "contacts", "tickets", "x"]),
    "contact": st.sampled_from(["c1", "ann@customers.example", "5f3c2d1a9b8e7f6a5d4c3b2a"]) | TEXT,
    "ranked": st.booleans(),
}
ARGUMENTS = st.fixed_dictionaries({}, optional={name: one | JSON for name, one in LIKELY.items()}) | st.dictionaries(
    TEXT, JSON, max_size=4
)


@pytest.mark.law
def test_any_arguments_give_an_answer_or_an_error_in_words(served: Path) -> None:
    """Of the tool's own shape; what is our own mistake would say so."""
    with tools(served) as found, asyncio.Runner() as runner:
        table = found.table()
        checks = {name: jsonschema.Draft202012Validator(answer_schema(tool.answer)) for name, tool in table.items()}
        names = st.sampled_from([name for name in table if name != "sync_conversations"])

        @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(names, ARGUMENTS)
        def law(name: str, arguments: dict[str, Any]) -> None:
            known = table[name].arguments.model_fields
            likely = {key: value for key, value in arguments.items() if key in known} or arguments
            result = runner.run(call(found, table, name, likely, nothing))
            text = result.content[0].text  # type: ignore[union-attr]
            if result.is_error:
                assert text
                assert "The server failed" not in text, (name, likely)
            else:
                checks[name].validate(result.structured_content)

        law()
