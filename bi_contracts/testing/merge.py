"""What several tests recorded of one endpoint, put together in its one cassette."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..interaction import Interaction, common_source

if TYPE_CHECKING:
    from ..cassette.keys import RequestKey
    from ..cassette.store import Cassette
    from ..redact import Policy

Answers = dict["RequestKey", list[Interaction]]


@dataclass
class Merges:
    """The recordings of one run, by file.

    A request that was asked again has its fresh answers; of several tests, those of the one that asked it most
    often. Requests that nobody asked again stay, as long as the same kind of upstream answered them: the answers of
    a sandbox never stand among the vendor's.
    """

    _before: dict[Path, Answers] = field(default_factory=dict)
    _fresh: dict[Path, Answers] = field(default_factory=dict)

    def write(
        self, path: Path, endpoint: str, interactions: Iterable[Interaction], policy: Policy, api_version: str = ""
    ) -> Cassette:
        """Writes the cassette with these interactions in it. Raises `CassetteError`, `SecretLeak`."""
        from ..cassette.guard import refuse_leaks
        from ..cassette.store import Cassette, Provenance, save, tool_version

        fresh = self._fresh.setdefault(path, {})
        for key, answers in by_request(interactions).items():
            if len(answers) >= len(fresh.get(key, ())):
                fresh[key] = answers
        every = [interaction for answers in self._together(path).values() for interaction in answers]
        now = datetime.now(UTC).replace(microsecond=0)
        provenance = Provenance(common_source(every), now, tool_version(), api_version, endpoint)
        cassette = Cassette(provenance, tuple(every))
        refuse_leaks(cassette, policy)
        save(path, cassette)
        return cassette

    def _together(self, path: Path) -> Answers:
        fresh = self._fresh[path]
        if path not in self._before:
            self._before[path] = _recorded(path)
        before = self._before[path]
        old, new = ({one.source for answers in kind.values() for one in answers} for kind in (before, fresh))
        return {**before, **fresh} if old == new else fresh


def by_request(interactions: Iterable[Interaction]) -> Answers:
    """Interactions by what was asked, in recorded order."""
    from ..cassette.keys import key_of

    found: Answers = {}
    for interaction in interactions:
        found.setdefault(key_of(interaction.request), []).append(interaction)
    return found


def _recorded(path: Path) -> Answers:
    from ..cassette.store import load

    return by_request(load(path).interactions) if path.is_file() else {}
