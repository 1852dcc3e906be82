"""The scenario as a k6 script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.errors import DeclarationError
from bi_contracts.load import BenchmarkConfig, SLAThresholds, Stage, benchmark, parse
from bi_contracts.load.k6 import options, script
from bi_contracts.load.locust import locustfile

SHAPES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"executor": "shared-iterations", "vus": 2, "iterations": 20}),
    ({"duration_seconds": 90}, {"executor": "constant-vus", "vus": 2, "duration": "90s"}),
    (
        {"arrival_rate": 100, "duration_seconds": 10},
        {"executor": "constant-arrival-rate", "rate": 100, "timeUnit": "1s", "duration": "10s"},
    ),
    (
        {"arrival_rate": 2.5, "duration_seconds": 1.5},
        {"executor": "constant-arrival-rate", "rate": 25, "timeUnit": "10s", "duration": "1500ms"},
    ),
    ({"arrival_rate": 0.123, "duration_seconds": 10}, {"rate": 443, "timeUnit": "1h"}),
    (
        {"arrival_rate": 1, "ramp": (Stage(30, 2.5), Stage(10, 0))},
        {
            "executor": "ramping-arrival-rate",
            "startRate": 60,
            "timeUnit": "1m",
            "stages": [{"target": 150, "duration": "30s"}, {"target": 0, "duration": "10s"}],
        },
    ),
]


@pytest.mark.parametrize(("shape", "wanted"), SHAPES, ids=str)
def test_every_model_has_its_executor(shape: dict[str, Any], wanted: dict[str, Any]) -> None:
    """The same users, requests, rates and durations."""
    (scenario,) = options(BenchmarkConfig("b", "/", **shape))["scenarios"].values()
    assert {name: scenario.get(name) for name in wanted} == wanted


def test_thresholds_are_kept_word_for_word() -> None:
    """By metric, with what aborts; an SLA too."""
    found = parse("http_req_duration: p(95)<500 abortOnFail delayAbortEval=10s, avg<200")
    assert options(BenchmarkConfig("b", "/"), found)["thresholds"] == {
        "http_req_duration": [
            {"threshold": "p(95)<500", "abortOnFail": True, "delayAbortEval": "10s"},
            {"threshold": "avg<200"},
        ]
    }
    held = options(BenchmarkConfig("b", "/"), SLAThresholds().thresholds)["thresholds"]
    assert held["http_reqs{expected_response:true}"] == [{"threshold": "rate>=1"}]


def test_poisson_arrivals_cannot_be_exported() -> None:
    """k6 has even ones only, and other arrivals are another test."""
    with pytest.raises(DeclarationError, match="even arrivals"):
        script(BenchmarkConfig("b", "/", arrival_rate=1, poisson=True), "http://x")


def test_what_k6_would_refuse_is_not_exported() -> None:
    """No run of nothing, and never more users at the start than there may be."""
    with pytest.raises(DeclarationError, match="no request is planned"):
        script(BenchmarkConfig("b", "/", total_requests=0), "http://x")
    (scenario,) = options(BenchmarkConfig("b", "/", arrival_rate=1, max_in_flight=3))["scenarios"].values()
    assert (scenario["preAllocatedVUs"], scenario["maxVUs"]) == (3, 3)


def test_no_password_of_an_address_stands_in_the_file() -> None:
    """Nor in a locustfile; an `@` behind the host is none."""
    config = BenchmarkConfig("b", "https://me:s3cr3t@host.test/a@b?c=d@e")
    for text in (script(config, "http://me:s3cr3t@other.test/x@y"), locustfile(config, "http://me:s3cr3t@other.test")):
        assert "s3cr3t" not in text
        assert "https://host.test/a@b?c=d@e" in text


@pytest.mark.parametrize(
    "config",
    [
        BenchmarkConfig("b", "https://host.test/x?api_key=s3cr3t"),
        BenchmarkConfig("b", "/x", params={"token": "s3cr3t"}),
    ],
)
def test_a_credential_in_a_query_is_not_exported(config: BenchmarkConfig) -> None:
    """The script would be published with it: the message says where it belongs, and does not repeat it."""
    for export in (script, locustfile):
        with pytest.raises(DeclarationError, match="BI_CONTRACTS_LOAD_HEADERS") as refused:
            export(config, "http://other.test")
        assert "s3cr3t" not in str(refused.value)


def test_no_header_of_the_scenario_stands_in_the_file() -> None:
    """They may be credentials: the environment has them."""
    text = script(BenchmarkConfig("b", "/", headers={"authorization": "Bearer s3cr3t"}), "http://x")
    assert "s3cr3t" not in text
    assert "BI_CONTRACTS_LOAD_HEADERS" in text


def test_the_request_is_the_scenarios() -> None:
    """Method, path with query, body and timeout."""
    config = BenchmarkConfig("b", "/a", method="POST", payload={"x": 1}, params={"days": 7}, timeout_seconds=2)
    text = script(config, "http://127.0.0.1:3333/")
    assert 'http.request("POST", `${BASE_URL}${"/a?days=7"}`, JSON.stringify({"x": 1}), {' in text
    assert 'timeout: "2000ms"' in text
    assert 'const BASE_URL = __ENV.BASE_URL || "http://127.0.0.1:3333";' in text
    assert json.loads(text.partition("Object.assign(")[2].partition(", JSON.parse")[0])["content-type"]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_every_script_is_javascript(tmp_path: Path) -> None:
    """Every model, and names and values that could break out: node parses each as a module."""
    awkward = BenchmarkConfig(
        "a'b`${x}/c", "/a'b`${x}\\?y=</script>", payload={"q": "\u2028'\"`${1}"}, think_seconds=0.5
    )
    configs = [
        benchmark("workflow_trigger_performance"),
        awkward,
        *(BenchmarkConfig("b", "/", **shape) for shape, _ in SHAPES),
    ]
    for number, config in enumerate(configs):
        path = tmp_path / f"{number}.mjs"
        path.write_text(script(config, "http://x", SLAThresholds().thresholds), encoding="utf-8")
        done = subprocess.run(["node", "--check", str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_comment_cannot_be_left() -> None:
    """A name with a line break is still a name."""
    text = script(BenchmarkConfig("b\nprocess.exit()", "/"), "http://x")
    assert re.search(r"^process", text, re.MULTILINE) is None
