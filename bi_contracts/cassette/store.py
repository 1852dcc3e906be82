"""Cassettes on disk: vcrpy's YAML format (version 1) with a `metadata.bi_contracts` block that tells their origin.

vcrpy reads and plays what `save` writes, and `load` reads what vcrpy wrote, in its present form and in the earlier
one for httpx (`response.content`, `response.status_code`). vcrpy keeps unknown top-level and per-interaction keys out
of its way, so `elapsed` and `recorded_at` stand next to each request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from ..errors import CassetteError, CassetteNotFound
from ..files import write_text
from ..interaction import Headers, Interaction, Request, Response, Source
from .layout import pretty

FORMAT = 1
"""Version of the `metadata.bi_contracts` block. Files with a higher number are refused."""

VCR_VERSION = 1
LARGEST = 64 * 1024 * 1024
"""Bytes a cassette may have. Parsing takes some ten times that in memory."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a recording comes from. `recorded_at` is in UTC."""

    source: Source = Source.UNKNOWN
    recorded_at: datetime | None = None
    tool_version: str = ""
    api_version: str = ""
    endpoint: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cassette:
    """Recorded interactions and their provenance."""

    provenance: Provenance = field(default_factory=Provenance)
    interactions: tuple[Interaction, ...] = ()


@cache
def tool_version() -> str:
    """The version of this package, as provenance records it."""
    try:
        return metadata.version("bi-contracts")
    except metadata.PackageNotFoundError:
        return "unknown"


def load(path: str | Path, *, largest: int = LARGEST) -> Cassette:
    """The cassette in a file.

    Raises `CassetteNotFound` where there is no file and `CassetteError` where it is unreadable, over `largest` bytes,
    no cassette, or written by a later version of this package.
    """
    path = Path(path)
    return read(_text_of(path, largest), str(path))


def _text_of(path: Path, largest: int) -> str:
    try:
        size = path.stat().st_size
        if size > largest:
            raise CassetteError(
                f"{path}: {size / 2**20:.0f} MB, and cassettes over {largest / 2**20:.0f} MB are not read; record it "
                "again with `--max-pages`, or shorten it with `bi-contracts cassette prune`."
            )
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CassetteNotFound(f"{path}: no such cassette; `bi-contracts record` makes one.") from None
    except UnicodeDecodeError as error:
        raise CassetteError(
            f"{path}: byte {error.start} is not UTF-8, so this is no cassette; restore the file or record it again."
        ) from None
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read ({error.strerror or error}); check path and rights.") from None


def read(text: str, name: str = "<cassette>") -> Cassette:
    """The cassette in a YAML text. `name` is what errors call it. Raises `CassetteError`."""
    data = _parsed(text, name)
    if not isinstance(data, Mapping) or not isinstance(data.get("interactions"), list):
        raise CassetteError(f"{name}: {_foreign(data)}")
    provenance = _provenance(data, name)
    interactions = tuple(
        _interaction(entry, provenance, f"{name}: interaction {number}")
        for number, entry in enumerate(data["interactions"], start=1)
    )
    return Cassette(provenance, interactions)


def _parsed(text: str, name: str) -> Any:
    import yaml

    from . import _yaml

    if not text.strip():
        raise CassetteError(f"{name}: the file is empty; delete it, or record it again with `bi-contracts record`.")
    try:
        return _yaml.parse(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise CassetteError(f"{name}{where}: no valid YAML ({error.problem}); {_REPAIR}") from None
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        raise CassetteError(f"{name}: no valid YAML ({type(error).__name__}); {_REPAIR}") from None


_REPAIR = "restore the file from version control, or record it again with `bi-contracts record`."


def _foreign(data: Any) -> str:
    if isinstance(data, Mapping) and "http_interactions" in data:
        return "this is a Ruby VCR recording; `bi-contracts cassette import` converts it."
    if isinstance(data, Mapping) and "log" in data:
        return "this is a HAR file; `bi-contracts cassette import` converts it."
    return "no list `interactions`, so this is no cassette; `bi-contracts cassette import` reads other formats."


def _provenance(data: Mapping[str, Any], name: str) -> Provenance:
    block = data.get("metadata")
    ours = block.get("bi_contracts") if isinstance(block, Mapping) else None
    if not isinstance(ours, Mapping):
        return Provenance()
    number = ours.get("format", FORMAT)
    if not isinstance(number, int) or number > FORMAT:
        raise CassetteError(
            f"{name}: written in format {number} and this version reads up to {FORMAT}; "
            "upgrade with `pip install -U bi-contracts`."
        )
    return Provenance(
        source=_source(ours.get("source")),
        recorded_at=_moment(ours.get("recorded_at")),
        **{key: str(ours.get(key) or "") for key in ("tool_version", "api_version", "endpoint", "note")},
    )


def _source(value: Any) -> Source:
    try:
        return Source(value)
    except ValueError:
        return Source.UNKNOWN


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _interaction(entry: Any, provenance: Provenance, where: str) -> Interaction:
    try:
        request, response = entry["request"], entry["response"]
        elapsed = entry.get("elapsed")
        return Interaction(
            endpoint=str(entry.get("endpoint") or provenance.endpoint),
            request=_request(request),
            response=_response(response),
            elapsed=float(elapsed) if isinstance(elapsed, int | float) else None,
            recorded_at=_moment(entry.get("recorded_at")) or provenance.recorded_at,
            source=_source(entry["source"]) if "source" in entry else provenance.source,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CassetteError(
            f"{where}: not readable ({type(error).__name__}: {_short(error)}); expected `request` and `response` as "
            "vcrpy writes them. Correct it, or record it again."
        ) from None


def _short(error: Exception) -> str:
    """What is wrong, never with a value from the file."""
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) and error.args else "unexpected type"


def _request(data: Mapping[str, Any]) -> Request:
    return Request(str(data["method"]), str(data["uri"]), _headers(data.get("headers")), _bytes(data.get("body")))


def _response(data: Mapping[str, Any]) -> Response:
    headers = _headers(data.get("headers"))
    if "status_code" in data:  # vcrpy 2 to 5, httpx
        return Response(int(data["status_code"]), headers, _bytes(data.get("content")), str(data.get("reason") or ""))
    status, body = data["status"], data.get("body") or {}
    content = body.get("string", body.get("base64_string")) if isinstance(body, Mapping) else body
    return Response(int(status["code"]), headers, _bytes(content), str(status.get("message") or ""))


def _headers(data: Any) -> Headers:
    if data is None:
        return ()
    pairs = data.items() if isinstance(data, Mapping) else data
    return tuple(
        (str(name), _header_text(value))
        for name, values in pairs
        for value in (values if isinstance(values, list | tuple) else [values])
    )


def _header_text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, Mapping | list):  # JSON that aiohttp was given as a value
        import json

        return json.dumps(value, ensure_ascii=False).encode()
    return str(value).encode("utf-8", "surrogatepass")


def write(cassette: Cassette) -> str:
    """The YAML text of a cassette: the same text for the same value."""
    from . import _yaml

    blocks: list[str] = []
    data = {
        "version": VCR_VERSION,
        "metadata": {"bi_contracts": _provenance_block(cassette.provenance)},
        "interactions": [_entry(interaction, cassette.provenance, blocks) for interaction in cassette.interactions],
    }
    return _yaml.dump(data, blocks)


def _provenance_block(provenance: Provenance) -> dict[str, Any]:
    block = {
        "format": FORMAT,
        "endpoint": provenance.endpoint,
        "source": str(provenance.source),
        "recorded_at": _iso(provenance.recorded_at),
        "tool_version": provenance.tool_version,
        "api_version": provenance.api_version,
        "note": provenance.note,
    }
    return {key: value for key, value in block.items() if value}


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""


def _entry(interaction: Interaction, provenance: Provenance, blocks: list[str]) -> dict[str, Any]:
    request, response = interaction.request, interaction.response
    asked, answered = _laid_out(request.body), _laid_out(response.body)
    entry: dict[str, Any] = {
        "request": {
            "method": request.method,
            "uri": request.url,
            "headers": _header_block(request.headers, request.body, asked),
            "body": _body_block(asked, blocks) if request.body else None,
        },
        "response": {
            "status": {"code": response.status, "message": response.reason},
            "headers": _header_block(response.headers, response.body, answered),
            "body": {"string": _body_block(answered, blocks)},
        },
    }
    return entry | _extras(interaction, provenance)


def _extras(interaction: Interaction, provenance: Provenance) -> dict[str, Any]:
    """What differs from the provenance of the whole."""
    extras: dict[str, Any] = {}
    if interaction.elapsed is not None:
        extras["elapsed"] = round(interaction.elapsed, 6)
    if interaction.recorded_at and interaction.recorded_at != provenance.recorded_at:
        extras["recorded_at"] = _iso(interaction.recorded_at)
    if interaction.endpoint != provenance.endpoint:
        extras["endpoint"] = interaction.endpoint
    if interaction.source != provenance.source:
        extras["source"] = str(interaction.source)
    return extras


def _header_block(headers: Headers, body: bytes, written: bytes) -> dict[str, list[str]]:
    """Headers as vcrpy keeps them; Content-Length follows the body as it is laid out in the file."""
    block: dict[str, list[str]] = {}
    for name, value in headers:
        is_length = name.lower() == "content-length" and value == str(len(body))
        block.setdefault(name, []).append(str(len(written)) if is_length else value)
    return block


def _laid_out(body: bytes) -> bytes:
    try:
        return pretty(body.decode()).encode()
    except UnicodeDecodeError:
        return body


def _body_block(body: bytes, blocks: list[str]) -> str | bytes:
    """Text as a literal block or a quoted line, bytes that are no text as `!!binary`."""
    from . import _yaml

    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    if not _yaml.is_blockable(text):
        return text
    blocks.append(text)
    return _yaml.reference(len(blocks) - 1)


def save(path: str | Path, cassette: Cassette) -> None:
    """Writes a cassette whole or not at all: to a temporary file in the same folder, then moved into place.

    Raises `ConfigurationError` where the folder or the file cannot be written; an earlier file stays as it was.
    """
    write_text(path, write(cassette))
