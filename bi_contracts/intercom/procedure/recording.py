"""The procedure's own traffic, kept and played back: stage by stage, with the settings that it was made with.

A sync asks for windows that end now, so that no other recording could answer it. What is played back asks what was
asked, for every request of a stage follows from earlier answers alone (their `Date` among them).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from ...cassette.guard import refuse_leaks
from ...cassette.store import Cassette, Provenance, load, save, tool_version
from ...errors import CassetteError, CassetteNotFound
from ...files import write_text
from ...interaction import Interaction, common_source
from ...redact import Policy
from ...workspace import CONFIG, Workspace, reference

NAME = "intercom/procedure"
FILE = f"{NAME}.yml"
"""Beside the recordings of endpoints, and not called as they are: it is of none of them, and no list shows it."""

STAGES = ("connection", "sync", "server")
"""Each is asked by a process of its own, and played back by itself: one may be answered otherwise than another."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a recording was made with.

    Attributes:
        days: Days that were asked for.
        max_conversations: At most so many conversations, 0 for all.
        source: Who answered.
        version: `Intercom-Version`.
    """

    days: float
    max_conversations: int
    source: str = ""
    version: str = ""


def own_file(space: Workspace) -> Path:
    """Where a recording of the workspace's own is written."""
    return space.root / space.settings.cassettes / FILE


def found(space: Workspace) -> Path:
    """The recording to play back: the workspace's own, else the packaged one. Raises `CassetteNotFound`."""
    for path in (own_file(space), reference("cassettes") / FILE):
        if path.is_file():
            return path
    raise CassetteNotFound(
        f"{own_file(space)}: no recording of the procedure; bi-contracts intercom test --mode live --record makes one"
    )


def made(path: Path) -> Made:
    """What a recording was made with. Raises `CassetteError` where that is not said."""
    kept = load(path)
    try:
        told = json.loads(kept.provenance.note)
        return Made(source=str(common_source(kept.interactions)), version=kept.provenance.api_version, **told)
    except (ValueError, TypeError):
        raise CassetteError(f"{path}: no recording of the procedure: it does not say what it was made with") from None


def staged(path: Path, folder: Path) -> dict[str, Path]:
    """A workspace for each stage below a folder, with nothing but what that stage was answered: stage -> its root.

    Raises `CassetteError`.
    """
    kept = load(path)
    roots: dict[str, Path] = {}
    for stage in STAGES:
        roots[stage] = folder / stage
        mine = tuple(each for each in kept.interactions if each.endpoint == f"{NAME}/{stage}")
        # A replay reads all recordings of a platform as one, whatever they are called.
        save(roots[stage] / "cassettes" / "intercom" / "me.yaml", Cassette(kept.provenance, mine))
        write_text(roots[stage] / CONFIG, 'mode = "replay"\n')
    return roots


def write(path: Path, interactions: Iterable[Interaction], told: Made, rules: Policy) -> int:
    """Writes a recording, and says how many exchanges it has. Raises `SecretLeak` rather than write a credential."""
    kept = tuple(interactions)
    note = json.dumps({name: value for name, value in asdict(told).items() if name not in ("source", "version")})
    newest = max((each.recorded_at for each in kept if each.recorded_at), default=None)
    cassette = Cassette(Provenance(common_source(kept), newest, tool_version(), told.version, NAME, note), kept)
    refuse_leaks(cassette, rules)
    save(path, cassette)
    return len(kept)
