"""What Prometheus reads."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bi_contracts.errors import ConfigurationError
from bi_contracts.health import Look
from bi_contracts.health.metrics import exposition

from .making import DEGRADED, DOWN, START, UNKNOWN, UP, World, settings


def figures(look: Look, at: float | None = None) -> dict[tuple[str, ...], float]:
    """Every sample: its name and the values of its labels."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(exposition(look, at))
        for sample in family.samples
    }


def test_a_look_as_prometheus_reads_it() -> None:
    """Success, duration, status, state, time of the evidence, limit; by platform and source."""
    world = World(names=("gong", "slack"), settings=settings(failures=1))
    found = figures(world.look(UP, DOWN))
    assert found["probe_success", "gong", "live"] == 1
    assert found["probe_success", "slack", "live"] == 0
    assert found["probe_duration_seconds", "gong", "live"] == 0.125
    assert found["probe_http_status_code", "slack", "live"] == 503
    assert found["bi_contracts_rate_limit_remaining", "gong", "live"] == 42
    assert found["bi_contracts_evidence_timestamp_seconds", "gong", "live"] == START + 60
    states = {
        key[3]: value for key, value in found.items() if key[0] == "bi_contracts_platform_state" and "slack" in key
    }
    assert states == {"up": 0, "degraded": 0, "down": 1, "unknown": 0, "maintenance": 0}
    assert found["bi_contracts_health_look_timestamp_seconds",] == START + 60


def test_a_degraded_platform_is_no_success() -> None:
    """Rate limited, slow, or otherwise than its contract says."""
    assert figures(World().look(DEGRADED))["probe_success", "gong", "live"] == 0


def test_what_was_never_asked_has_no_figures() -> None:
    """No duration of 0 where nobody was asked; the state is unknown, and that is no success."""
    found = figures(World().look(UNKNOWN))
    assert found["probe_success", "gong", "unknown"] == 0
    assert found["bi_contracts_platform_state", "gong", "unknown", "unknown"] == 1
    assert not [key for key in found if key[0] in ("probe_duration_seconds", "probe_http_status_code")]


def test_old_evidence_is_no_success() -> None:
    """Scraped long after the last look, nothing is up."""
    look = World().look(UP)
    assert figures(look, look.at + 900)["probe_success", "gong", "live"] == 1
    assert figures(look, look.at + 901)["probe_success", "gong", "live"] == 0


def test_the_error_budget_is_shown() -> None:
    """What is left of 30 days, and how fast each window burns."""
    world = World(settings=settings(objective=0.99))
    look = world.looks([UP] * 199 + [DOWN])[-1]
    found = figures(look)
    assert found["bi_contracts_error_budget_remaining_ratio", "gong"] == pytest.approx(0.5)
    assert found["bi_contracts_error_budget_burn_rate", "gong", "5m"] == pytest.approx(20)
    assert "bi_contracts_error_budget_remaining_ratio" not in exposition(World().look(UP))


def test_messages_are_counted_and_outlive_the_process() -> None:
    """Accepted, refused and waiting, by channel and level."""
    world = World(settings=settings(failures=1, successes=1))
    world.chat.refuse = True
    found = figures(world.looks([UP, DOWN])[-1])
    assert found["bi_contracts_alerts_refused_total", "chat", "critical"] == 1
    assert found["bi_contracts_alerts_sent_total", "chat", "critical"] == 0
    assert found["bi_contracts_alerts_waiting", "chat"] == 1
    world.chat.refuse = False
    world.started(world.monitor.memory)
    found = figures(world.look(DOWN))
    assert found["bi_contracts_alerts_sent_total", "chat", "critical"] == 1
    assert found["bi_contracts_alerts_waiting", "chat"] == 0


def test_every_metric_says_what_it_is() -> None:
    """HELP and TYPE for each, and no sample twice."""
    text = exposition(World().look(UP))
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation and family.type in ("gauge", "counter") for family in families)
    lines = [line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")]
    assert len(set(lines)) == len(lines)


def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one command that mends it."""
    monkeypatch.setattr("bi_contracts.health.metrics.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'bi-contracts\[health\]'"):
        exposition(World().look(UP))
