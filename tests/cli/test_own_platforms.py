"""A platform that a file of the workspace declares, and second accounts: every command works on them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from .conftest import Run
from .processes import COMMAND, printed, start, wait_for

ACME = Path(__file__).parents[1] / "declared" / "acme.toml"
CONFIG = """
platforms = ["declared/acme.toml"]

[accounts."acme@eu"]
base_url = "https://eu.acme.example/v1"
credentials = { ACME_TOKEN = "ACME_EUROPE_TOKEN" }

[accounts."slack@eu"]
"""
READ = ["acme/me", "acme/customers", "acme/customer", "acme/orders"]


@pytest.fixture
def own(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A workspace with a platform of its own, and with two accounts."""
    for name in ("ACME_TOKEN", "ACME_EUROPE_TOKEN", "SLACK_BOT_TOKEN_EU"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bi-contracts.toml").write_text(CONFIG)
    (tmp_path / "declared").mkdir()
    shutil.copy(ACME, tmp_path / "declared")
    return run


@pytest.fixture
def recorded(own: Run) -> Run:
    """With recordings and contracts of both accounts."""
    assert own("record", "acme", "acme@eu", "--from", "sandbox").exit_code == 0
    assert own("infer", "acme*").exit_code == 0
    return own


def rows(run: Run, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run(*words, "--format", "json").stdout)
    return found


def test_they_are_listed(own: Run) -> None:
    """With what is known of each; an account's variable is its own."""
    assert [row["id"] for row in rows(own, "platforms", "acme")][:4] == READ
    assert [row["id"] for row in rows(own, "platforms", "acme@eu")][:4] == [id.replace("/", "@eu/") for id in READ]
    assert {row["contract"] for row in rows(own, "platforms", "slack@eu/users", "slack/users")} == {"reference"}
    said = own("doctor", "acme", "acme@eu", "slack@eu").stdout
    for variable in ("ACME_TOKEN is not set", "ACME_EUROPE_TOKEN is not set", "SLACK_BOT_TOKEN_EU is not set"):
        assert variable in said


def test_a_live_recording_needs_their_credentials(own: Run) -> None:
    """It ends with 3, names the variable and writes nothing."""
    result = own("record", "acme@eu/customers")
    assert (result.exit_code, "ACME_EUROPE_TOKEN" in result.stderr) == (3, True)
    dry = rows(own, "record", "acme@eu/customers", "--dry-run")
    assert dry[0]["url"] == "https://eu.acme.example/v1/customers"
    assert not Path("cassettes").exists()


def test_they_are_recorded_into_folders_of_their_own(recorded: Run) -> None:
    """Every read endpoint; the recordings hold the declared addresses and no credential."""
    for platform, host in (("acme", "api.acme.example"), ("acme@eu", "eu.acme.example")):
        files = sorted(Path("cassettes", platform).iterdir())
        assert [file.stem for file in files] == sorted(id.partition("/")[2] for id in READ)
        assert all(f"https://{host}/v1/" in file.read_text() for file in files)
    assert recorded("cassette", "audit").exit_code == 0
    assert Path("cassettes/acme/orders.yaml").read_text() != Path("cassettes/acme@eu/orders.yaml").read_text()


@pytest.mark.parametrize("words", [("check",), ("replay",), ("drift", "--from", "sandbox"), ("infer", "acme*")])
def test_the_suite_passes_on_them(recorded: Run, words: tuple[str, ...]) -> None:
    """Each under its own id."""
    result = recorded(*words)
    assert result.exit_code == 0, result.output
    assert "acme@eu" in result.stdout


def test_drift_is_found_and_accepted_by_account(recorded: Run) -> None:
    """What is accepted for one account is not accepted for the other."""
    for name in ("acme", "acme@eu"):
        path = Path("contracts", name, "orders.schema.json")
        path.write_text(path.read_text().replace('"paid"', '"settled"').replace('"total"', '"sum"'))
    assert recorded("drift", "acme*/orders", "--from", "sandbox").exit_code == 1
    assert recorded("drift", "accept", "acme@eu/orders", "--reason", "known").exit_code == 0
    assert recorded("drift", "acme@eu/orders", "--from", "sandbox").exit_code == 0
    assert recorded("drift", "acme/orders", "--from", "sandbox").exit_code == 1
    assert {row["id"] for row in rows(recorded, "drift", "history")} == {"acme/orders", "acme@eu/orders"}


def test_an_account_without_a_contract_is_held_to_its_platforms(recorded: Run) -> None:
    """`platforms` says so, and findings are told of the account."""
    shutil.rmtree("contracts/acme@eu")
    assert {row["contract"] for row in rows(recorded, "platforms", "acme@eu") if row["kind"] != "write"} == {
        "platform's"
    }
    assert recorded("check", "acme@eu").exit_code == 0
    path = Path("contracts/acme/orders.schema.json")
    path.write_text(path.read_text().replace('"paid"', '"settled"').replace('"total"', '"sum"'))
    found = recorded("drift", "acme@eu/orders", "--from", "sandbox")
    assert (found.exit_code, "acme@eu/orders" in found.stdout) == (1, True)
    assert recorded("infer", "acme@eu/orders").exit_code == 0
    assert Path("contracts/acme@eu/orders.schema.json").is_file()


def test_contracts_are_shown_and_compared(recorded: Run) -> None:
    """By id, and by file."""
    shown = json.loads(recorded("contract", "show", "acme@eu/orders").stdout)
    assert shown["title"] == "acme@eu/orders"
    same = recorded("contract", "diff", "contracts/acme/orders.schema.json", "contracts/acme/orders.schema.json")
    other = recorded("contract", "diff", "contracts/acme/orders.schema.json", "contracts/acme/me.schema.json")
    assert (same.exit_code, other.exit_code) == (0, 1)


def test_a_contract_is_imported_for_them(own: Run) -> None:
    """The declared path finds the operation in the vendor's description."""
    answer = {"200": {"content": {"application/json": {"schema": {"type": "object"}}}, "description": ""}}
    paths = {"/customers": {"get": {"responses": answer}}}
    Path("openapi.json").write_text(json.dumps({"openapi": "3.1.0", "info": {}, "paths": paths}))
    assert own("contract", "import", "openapi.json", "acme@eu/customers").exit_code == 0
    assert Path("contracts/acme@eu/customers.schema.json").is_file()


def test_cassettes_are_shown_exported_and_pruned(recorded: Run) -> None:
    """As any other."""
    assert {row["id"] for row in rows(recorded, "cassette", "show", "acme*")} == {
        id for name in READ for id in (name, name.replace("/", "@eu/"))
    }
    assert len(recorded("cassette", "export", "acme@eu/me").stdout.splitlines()) == 1
    assert recorded("cassette", "prune", "acme*").exit_code == 0


def test_recordings_of_others_are_imported_under_their_names(own: Run) -> None:
    """By host; an account's own host is its own."""
    Path("in").mkdir()
    for number, host in enumerate(("api.acme.example", "eu.acme.example")):
        line = {"method": "GET", "url": f"https://{host}/v1/customers", "status": 200, "headers": {}, "body": {}}
        Path(f"in/{number}.jsonl").write_text(json.dumps(line) + "\n")
    assert own("cassette", "import", "in", "-o", "cassettes").exit_code == 0
    assert Path("cassettes/acme/customers.yaml").is_file()
    assert Path("cassettes/acme@eu/customers.yaml").is_file()


def test_the_demo_tells_their_story_too(own: Run) -> None:
    """They are recorded, replayed and compared with the others."""
    result = own("demo", "--rows", "5")
    assert Path("bi-contracts-demo/before/contracts/acme/orders.schema.json").is_file(), result.output
    assert Path("bi-contracts-demo/after/cassettes/acme@eu/orders.yaml").is_file()


def test_init_asks_for_their_credentials(own: Run) -> None:
    """In the example of the environment and in the workflow."""
    assert own("init").exit_code == 0
    text = Path(".env.example").read_text()
    assert "\nACME_TOKEN=\n" in text
    assert "\nACME_EUROPE_TOKEN=\n" in text
    assert "ACME_EUROPE_TOKEN: ${{ secrets.ACME_EUROPE_TOKEN }}" in Path(".github/workflows/drift.yml").read_text()


def test_the_sandbox_and_the_recordings_are_served(recorded: Run, tmp_path: Path) -> None:
    """Each account below its own name, with its own credential; and what was recorded of each, at its own name."""
    pytest.importorskip("uvicorn", reason="needs the extra sandbox-http")
    process = start(tmp_path, "sandbox", "--port", "0", "--rows", "3", "--format", "json")
    try:
        address = wait_for("serving", process)
        tokens = printed(process)
        headers = {"Authorization": f"Bearer {tokens['ACME_EUROPE_TOKEN']}"}
        assert httpx.get(f"{address}/acme@eu/v1/me", headers=headers).status_code == 200
        refused = httpx.get(f"{address}/acme/v1/me", headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
        headers = {"Authorization": f"Bearer {tokens['ACME_TOKEN']}"}
        customer = httpx.get(f"{address}/acme/v1/customers", headers=headers).json()["data"][0]["id"]
        orders = f"{address}/acme/v1/customers/{customer}/orders"
        made = httpx.post(orders, headers=headers, json={"total": 77.5})
        assert made.status_code == 201
        assert httpx.post(orders, headers=headers, json={}).status_code == 400
        assert 77.5 in [row["total"] for row in httpx.get(orders, headers=headers).json()["data"]]
        assert recorded("record", "acme@eu/me", "--from", address).exit_code == 0
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    process = start(tmp_path, "replay", "acme*", "--serve", "0")
    try:
        address = wait_for("serving", process)
        answers = [httpx.get(f"{address}/{name}/v1/customers?limit=50").json() for name in ("acme", "acme@eu")]
        assert answers[0]["data"] != answers[1]["data"]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('platforms = ["none.toml"]', "none.toml: no such file"),
        ('platforms = ["declared/acme.toml"]\n[accounts."acmee@eu"]', "did you mean acme@eu"),
        ('[accounts."acme@eu"]', "there is no platform 'acme'"),
        ('[accounts.acme]\ntoken = "s3cr3t"', "must be a platform, @ and a label"),
    ],
)
def test_a_mistake_in_the_workspace_is_a_line(own: Run, text: str, words: str) -> None:
    """Which file, what is wrong; no traceback, and no value that may be a credential."""
    Path("bi-contracts.toml").write_text(text)
    for verb in (("platforms",), ("doctor",), ("record", "slack/users", "--from", "sandbox"), ("check",)):
        result = own(*verb)
        assert result.exit_code in (2, 3)
        assert words in result.stderr
        assert "s3cr3t" not in result.output


def test_a_tenants_address_is_asked_for(own: Run) -> None:
    """Where every customer has an address of their own, doctor, platforms and record name the variable."""
    path = Path("declared/acme.toml")
    path.write_text(path.read_text().replace('name = "acme"', 'name = "acme"\ntenant = true'))
    Path(".env").write_text("ACME_TOKEN=abc\nACME_EUROPE_TOKEN=abc\n")
    assert "ACME_BASE_URL is not set" in own("doctor", "acme").stdout
    assert {row["credentials"] for row in rows(own, "platforms", "acme")} == {"no address"}
    assert {row["credentials"] for row in rows(own, "platforms", "acme@eu")} == {"set"}
    refused = own("record", "acme/me")
    assert (refused.exit_code, "ACME_BASE_URL is not set" in refused.stderr) == (3, True)
    assert rows(own, "record", "acme/me", "--dry-run")[0]["url"] == "$ACME_BASE_URL/me"
    assert own("record", "acme/me", "--from", "sandbox").exit_code == 0
    assert own("init").exit_code == 0
    assert "\nACME_BASE_URL=\n" in Path(".env.example").read_text()


def test_an_installed_distribution_brings_a_platform(run: Run, tmp_path: Path) -> None:
    """Its metadata names the entry point; nothing is listed in the workspace."""
    site = tmp_path / "site"
    metadata = site / "acme_contracts-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-contracts\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[bi_contracts.platforms]\nacme = acme_contracts:PLATFORM\n")
    shutil.copy(ACME, site)
    imports = "from pathlib import Path\nfrom bi_contracts.declaration import read\n"
    (site / "acme_contracts.py").write_text(f'{imports}PLATFORM = read(Path(__file__).with_name("acme.toml"))\n')
    assert run("platforms", "acme").exit_code == 2
    paths = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [*COMMAND, "record", "acme", "--from", "sandbox", "--format", "json"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in json.loads(done.stdout)] == READ
