"""The description of the gateway and the gateway agree: schemathesis with all its checks finds nothing."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from bi_contracts.gateway import create_app
from bi_contracts.reading import Reader
from bi_contracts.resilience import RetryConfig
from bi_contracts.sandbox import Sandbox

from ..sandbox.fuzzing import DEPTH
from .worlds import sandbox, upstream

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
not_a_server_error = schemathesis.checks.not_a_server_error

EXAMPLES = 12
MODES = ("well", "down", "half", "writes")


def schema_of(mode: str) -> Any:
    """The gateway's own description, over a world that is well, down, half down, or that may be written to."""
    world: Sandbox = sandbox(rows=8)
    if mode == "down":
        world.fault("status=503", times=None)
    if mode == "half":
        world.fault("status=503", platform="gong", times=None)
        world.fault("html; status=502", platform="asana", times=None)
    reader = Reader(upstream(world))
    app = create_app(reader, retry=RetryConfig(max_attempts=1), allow_writes=mode == "writes")
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.parametrize("mode", MODES)
def test_schemathesis_finds_nothing(mode: str) -> None:
    """Every operation, with valid and with invalid data, keeps what the description promises, in good days and bad."""
    schema = schema_of(mode)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 20
    for operation in operations:
        for generation in schemathesis.GenerationMode:
            with contextlib.suppress(Unsatisfiable):  # where nothing can be wrong
                checked(operation.as_strategy(generation_mode=generation))


def checked(cases: st.SearchStrategy[Any]) -> None:
    """Sends what a strategy draws and lets every check look at the answer."""

    @seed(1)
    @given(case=cases)
    @settings(
        max_examples=EXAMPLES * DEPTH,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        # Where the platforms are down, 503 is what the description promises; it is held against its model all the same.
        answer = case.call()
        honest = [not_a_server_error] if answer.status_code == 503 else []
        case.validate_response(answer, excluded_checks=honest)

    send()
