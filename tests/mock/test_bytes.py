"""The same seed gives the same bytes, on every interpreter and in every process.

A digest below changes with the sandbox's world and with the examples of a declaration. Where that was meant:
`python -m tests.mock.test_bytes` prints the new ones.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import pytest

from bi_contracts import mock

from .cases import contract, made

GOLDEN = {
    "asana/tasks": "033e5fcbd949674411ae58f5",
    "gong/calls": "3fc737355ebaa5984924abd2",
    "gong/calls_extensive": "2f42b41df4e49b7ad6af53e6",
    "hubspot/contacts": "87bc6e76a63953881077b8d1",
    "intercom/conversation": "b2de5210deced86e12bd1191",
    "linear/issues": "44d1b60c2ed7f5ecbd1c87d5",
    "looker/dashboard": "af66b6b95d60d32b7392f151",
    "notion/page": "8f18f756b14b6b16574f1f74",
    "salesforce/opportunities": "c5ef5e93e099f67b3b2a0dac",
    "slack/history": "b462d1b45c18080c1bf6759b",
}


def digest(id: str) -> str:
    """What stands for the bytes of everything that is made of an endpoint."""
    found = [
        made(id, 40, "golden", quality=0.7),
        made(id, 40, "golden", scenario="partial"),
        mock.records(None, None, contract(id), 40, "golden", quality=0.7),
    ]
    text = json.dumps([[one.as_dict(), one.envelopes] for one in found], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@pytest.mark.parametrize("id", GOLDEN)
def test_the_same_seed_gives_the_same_bytes(id: str) -> None:
    """On Python 3.11, 3.12 and 3.13, wherever this runs."""
    assert digest(id) == GOLDEN[id]


def test_the_hash_seed_of_a_process_changes_nothing() -> None:
    """Neither sets nor hashes have a say."""
    words = ["bi-contracts", "mock", "intercom/contacts", "-n", "40", "--quality", "0.7"]
    code = f"import sys; from bi_contracts.cli import main; sys.argv = {words!r}; main()"
    printed = set()
    for seed in ("1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1
    assert len(json.loads(printed.pop())["records"]) == 40


if __name__ == "__main__":
    for name in GOLDEN:
        print(f'    "{name}": "{digest(name)}",')
