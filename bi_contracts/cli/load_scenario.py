"""What `bi-contracts load` is to run: benchmarks by name, endpoints and paths, shaped by options, and their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ..load import BenchmarkConfig, SLAThresholds, Threshold
    from ..workspace import Workspace


NOT_LIVE = (
    "load on live platforms uses up their rate limits and may get an account blocked:"
    " add --yes-load-live to do it all the same"
)


def refuse_live(space: Workspace, addresses: Sequence[str]) -> None:
    """Raises `click.UsageError` where an address is that of a vendor: nobody loads one by accident."""
    import httpx

    from ..accounts import address_variable
    from ..registry import platforms

    try:
        wanted = {httpx.URL(address).host for address in addresses if "://" in address}
    except httpx.InvalidURL as error:
        raise click.UsageError(f"that is no address: {error}") from None
    if not wanted:
        return
    for platform in platforms(space):
        own = platform.environment(space.environ).get(address_variable(platform), "")
        if wanted & {_host(platform.base_url), _host(own)}:
            raise click.UsageError(f"{platform.name}: {NOT_LIVE}")


def _host(address: str) -> str | None:
    """The machine that is meant; None where it is none or this one."""
    host = urlsplit(address).hostname
    return None if host in (None, "localhost", "127.0.0.1", "::1") else host


def configs(space: Workspace, names: Sequence[str]) -> list[BenchmarkConfig]:
    """Benchmarks by name, the standard ones and the workspace's own; declared endpoints; paths and addresses."""
    from ..integration.own import own_checks
    from ..load import STANDARD_BENCHMARKS, BenchmarkConfig, benchmark
    from ..load.k6 import without_password
    from ..redact import redact_url
    from ..registry import find

    own = tuple(one for one in own_checks(space) if isinstance(one, BenchmarkConfig))
    known = (*STANDARD_BENCHMARKS, *own)
    found = []
    for name in names or [config.name for config in known]:
        if "://" in name or name.startswith("/"):
            found.append(BenchmarkConfig(redact_url(without_password(name)).strip("/") or "root", name))
        elif find(name, space) is not None:
            found.append(BenchmarkConfig(name, name))
        elif "/" in name:
            _unknown_endpoint(space, name)
        else:
            found.append(benchmark(name, known))
    return found


def _unknown_endpoint(space: Workspace, name: str) -> None:
    from ..registry import target

    target(name, space)


def shaped(config: BenchmarkConfig, shape: dict[str, Any], quick: bool) -> BenchmarkConfig:
    """The benchmark with what the command line says of how often and by how many."""
    from ..load.benchmarks import quick as shortened

    attributes = {
        "users": "concurrent_users",
        "requests": "total_requests",
        "rate": "arrival_rate",
        "duration": "duration_seconds",
        "think": "think_seconds",
        "timeout": "timeout_seconds",
        "warmup": "warmup_requests",
    }
    changes = {attributes[name]: value for name, value in shape.items() if name in attributes and value is not None}
    changes |= {"poisson": shape["poisson"] or config.poisson, "seed": shape["seed"] or config.seed}
    if shape["ramp"]:
        changes["ramp"] = tuple(map(_stage, shape["ramp"]))
    changed = replace(config, **changes)
    return shortened(changed) if quick else changed


def _stage(text: str) -> Any:
    from ..load import Stage

    seconds, colon, rate = text.partition(":")
    try:
        return Stage(float(seconds), float(rate)) if colon else _no_stage(text)
    except ValueError:
        return _no_stage(text)


def _no_stage(text: str) -> Any:
    raise click.BadParameter(f"{text!r} is no SECONDS:RATE such as 30:100", param_hint="--ramp")


def limits(sla: Sequence[str], texts: Sequence[str]) -> tuple[Threshold, ...]:
    """The SLA, where none is refused, and the thresholds. Raises `ConfigurationError`, `DeclarationError`."""
    from ..load import limits, parse

    found = tuple(one for text in texts for one in parse(text))
    return limits(None if "none" in sla else _sla(sla), found)


def _sla(words: Sequence[str]) -> SLAThresholds:
    from ..load import SLAThresholds

    given = SLAThresholds()
    for word in words:
        path = Path(word)
        if "=" not in word or path.is_file():
            given = SLAThresholds.of(_table(path), str(path))
        else:
            given = SLAThresholds.of_words([word], given)
    return given


def _table(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"--sla: {path} cannot be read: {error.strerror}; or give NAME=NUMBER") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--sla: {path} is no TOML: {error}") from None
    inside = found.get("sla", found)
    return inside if isinstance(inside, dict) else found
