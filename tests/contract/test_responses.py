"""Responses from JSON-lines files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bi_contracts.contract import read_responses
from bi_contracts.errors import ConfigurationError


def write(folder: Path, text: str | bytes) -> Path:
    """A file with this content."""
    path = folder / "r.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_one_response_a_line(tmp_path: Path) -> None:
    """Blank lines and a byte order mark are skipped, header names lowered, what is missing filled in."""
    path = write(tmp_path, '\ufeff{"status": 200, "headers": {"A-B": "c"}, "body": [1]}\n\n{"status": 204}\n')
    assert list(read_responses(path)) == [
        {"status": 200, "headers": {"a-b": "c"}, "body": [1]},
        {"status": 204, "headers": {}, "body": None},
    ]


def test_lines_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    """A broken line later on does not spoil the first."""
    assert next(read_responses(write(tmp_path, '{"status": 200}\nbroken\n')))["status"] == 200


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"status": 200}\n{"status": 2', r"r.jsonl:2:\d+: not JSON"),
        ("[\n", "one complete JSON object per line"),
        ("[]", "r.jsonl:1: expected an object"),
        ('{"status": 200}\n"x"', "r.jsonl:2: .*a string"),
        ("null", "got null"),
        ("true", "got a boolean"),
        ('{"status": 200, "headers": 1}', "r.jsonl:1: `headers`"),
        (b'{"status": 200}\n\xff\xfe', r"r.jsonl:\d: not UTF-8"),
        ("[" * 100_000, "r.jsonl:1: JSON nested too deep"),
        ('{"status": ' + "9" * 5000 + "}", "r.jsonl:1: "),
    ],
    ids=lambda value: str(value)[:18],
)
def test_bad_lines_are_named(tmp_path: Path, text: str | bytes, told: str) -> None:
    """File and line stand in the message."""
    with pytest.raises(ConfigurationError, match=told):
        list(read_responses(write(tmp_path, text)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """So is a folder in its place."""
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            list(read_responses(path))
