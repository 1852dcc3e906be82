"""What the configuration may say, and what is said where it says something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.health import Limits, Settings
from bi_contracts.health.settings import checked, settings_of
from bi_contracts.registry import platform
from bi_contracts.workspace import Workspace

TABLE = """
[health]
interval = 30
max_age = 600
remind = 3600
slow = 2
failures = 2
quality = ["hubspot/contacts", "gong/*"]
objective = 0.995

[health.platforms.salesforce]
timeout = 20

[[health.maintenance]]
platform = "looker"
from = 2026-03-01T02:00:00Z
until = "2026-03-01T04:00:00+01:00"
reason = "upgrade"

[[health.channels]]
kind = "slack"
url_env = "SLACK_WEBHOOK_URL"
least = "warning"

[[health.channels]]
kind = "github"
name = "issues"
repository = "acme/operations"
token_env = "GITHUB_TOKEN"
labels = ["health"]

[[health.channels]]
kind = "webhook"
url_env = "HOOK_URL"
secret_env = "HOOK_SECRET"
platforms = ["gong"]
"""


def read(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "bi-contracts.toml").write_text(text)
    return Settings.of(Workspace.discover(tmp_path, {}))


def test_every_setting_arrives(tmp_path: Path) -> None:
    """A file with all of it."""
    found = read(tmp_path, TABLE)
    assert (found.interval, found.max_age, found.remind, found.objective) == (30, 600, 3600, 0.995)
    assert found.limits("gong") == Limits(slow=2, failures=2)
    assert found.limits("salesforce") == Limits(timeout=20, slow=2, failures=2)
    assert [one.name for one in found.channels] == ["slack", "issues", "webhook"]
    assert found.channels[2].variables == {"url_env": "HOOK_URL", "secret_env": "HOOK_SECRET"}
    (window,) = found.maintenance
    assert window.end - window.start == 3600
    assert str(window) == "looker from 2026-03-01T02:00:00Z until 2026-03-01T03:00:00Z"


def test_without_a_table_there_are_usual_settings(tmp_path: Path) -> None:
    """Nothing has to be configured."""
    assert read(tmp_path, "") == Settings()


def test_globs_choose_the_lists_whose_data_are_looked_at() -> None:
    """Only lists: an item needs an id, a write writes."""
    found = settings_of({"quality": ["gong/*"]}, "toml")
    ids = found.quality_of(platform("gong"))
    assert ids
    assert all(platform("gong").endpoint(id.partition("/")[2]).kind == "list" for id in ids)
    assert found.quality_of(platform("slack")) == ()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([], "toml: must be a table"),
        ({"intervall": 3}, "unknown setting 'intervall': did you mean interval?"),
        ({"zzz": 3}, "unknown setting 'zzz': known are interval"),
        ({"interval": 0}, r"toml\.interval: must be a number from 1 to 86400, not 0"),
        ({"interval": "60"}, r"toml\.interval: must be a number"),
        ({"failures": 2.5}, r"toml\.failures: must be a whole number from 1 to 100, not 2\.5"),
        ({"failures": True}, r"toml\.failures: must be a whole number"),
        ({"slow": 0}, r"toml\.slow: must be a number from 0\.01"),
        ({"objective": 0.5}, r"toml\.objective: must be from 0\.94 to below 1"),
        ({"objective": 1.0}, r"toml\.objective: must be from 0\.94"),
        ({"interval": 900}, r"toml\.max_age: 900 s must be longer than the interval of 900 s"),
        ({"quality": "gong/*"}, r"toml\.quality: must be a list"),
        ({"quality": ["gong"]}, r"toml\.quality: must be a list of endpoint ids"),
        ({"platforms": []}, r"toml\.platforms: must be tables"),
        ({"platforms": {"gong": 3}}, r"toml\.platforms\.gong: must be a table"),
        ({"platforms": {"gong": {"slwo": 3}}}, r"toml\.platforms\.gong: unknown setting 'slwo': did you mean slow\?"),
        ({"platforms": {"gong": {"slow": -1}}}, r"toml\.platforms\.gong\.slow: must be"),
        ({"maintenance": {}}, r"toml\.maintenance: must be a list"),
        ({"maintenance": [3]}, r"toml\.maintenance\[0\]: must be a table"),
        ({"maintenance": [{"form": 1}]}, "unknown setting 'form': known are platform, from"),
        ({"maintenance": [{"platform": 3}]}, "platform and reason must be text"),
        ({"maintenance": [{}]}, r"maintenance\[0\]\.from: must be a time with its offset"),
        ({"maintenance": [{"from": "2026-03-01T02:00:00"}]}, "must be a time with its offset"),
        ({"maintenance": [{"from": "soon"}]}, "not 'soon'"),
        (
            {"maintenance": [{"from": "2026-03-01T02:00:00Z", "until": "2026-03-01T02:00:00Z"}]},
            "until must be later than from",
        ),
        ({"channels": {}}, r"toml\.channels: must be a list"),
        ({"channels": [3]}, r"toml\.channels\[0\]\.kind: must be one of webhook, slack, github, apprise"),
        ({"channels": [{"kind": "fax"}]}, "kind: must be one of"),
        ({"channels": [{"kind": "slack", "token_env": "X"}]}, "unknown setting 'token_env' of a slack: known are kind"),
        ({"channels": [{"kind": "slack"}]}, r"url_env: must be the name of an environment variable"),
        ({"channels": [{"kind": "slack", "url_env": "X", "least": "bad"}]}, "least: must be one of critical"),
        ({"channels": [{"kind": "slack", "url_env": "X", "name": "No!"}]}, "name: must be small letters"),
        ({"channels": [{"kind": "slack", "url_env": "X", "platforms": []}]}, "platforms: must be a list"),
        ({"channels": [{"kind": "github", "token_env": "X"}]}, "repository: must be owner/name"),
        ({"channels": [{"kind": "github", "token_env": "X", "repository": "a/b/c"}]}, "must be owner/name"),
        ({"channels": [{"kind": "github", "token_env": "X", "repository": "a/b", "labels": 1}]}, "labels: must be"),
        ({"channels": [{"kind": "github", "token_env": "X", "repository": "a/b", "api": 1}]}, "api: must be a URL"),
        ({"channels": [{"kind": "slack", "url_env": "X"}] * 2}, "two channels are called slack"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_key(table: Any, said: str) -> None:
    """Where it stands, and what is allowed there."""
    with pytest.raises(ConfigurationError, match=said):
        settings_of(table, "toml")


@pytest.mark.parametrize("key", ["url_env", "secret_env"])
def test_a_secret_in_the_file_is_refused_and_never_shown(key: str) -> None:
    """Whoever writes the address itself is told what belongs there, without the address."""
    secret = "https://hooks.slack.com/services/T0/B0/verysecret"
    table = {"channels": [{"kind": "webhook", "url_env": "HOOK", key: secret}]}
    with pytest.raises(ConfigurationError, match="and never the secret itself") as caught:
        settings_of(table, "toml")
    assert "verysecret" not in str(caught.value)


def test_what_is_told_of_a_configuration_holds_no_secret(tmp_path: Path) -> None:
    """What changes of it are recognised by goes into a file: channels by their names alone."""
    told = str(read(tmp_path, TABLE).told())
    assert "SLACK_WEBHOOK_URL" not in told
    assert "acme" not in told


def test_settings_that_do_not_go_together_are_refused() -> None:
    """An interval from the command line is held against the file's `max_age`."""
    with pytest.raises(ConfigurationError, match=r"--interval\.max_age"):
        checked(Settings(interval=1000), "--interval")
