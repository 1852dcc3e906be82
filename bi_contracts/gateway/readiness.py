"""Whether the platforms can be read now: never yes without fresh evidence."""

from __future__ import annotations

from ..errors import ConfigurationError
from ..platform import Platform
from .models import PlatformReadiness, Readiness
from .sources import MAX_AGE, Ask, Sources, Want


async def readiness(ask: Ask) -> Readiness:
    """Every platform that is served, asked for its identity. Ready where all of them are, and there is one."""
    served = ask.sources.platforms
    if ask.sources.max_age > MAX_AGE:  # what is kept for longer is no evidence
        ask = Ask(ask.sources, fresh=True)
    sections = await ask.sections(*(Want(one.id(one.endpoint(one.identity))) for one in served))
    found = [
        PlatformReadiness(
            platform=one.name,
            ready=section.fresh,
            credentials=has_credentials(ask.sources, one),
            variables=list(one.auth.variables),
            breaker=str(ask.sources.breakers.of(one.name).state),
            source=section.source,
            age=round(section.age, 3) if section.at is not None else None,
            error=section.error or None,
        )
        for one, section in zip(served, sections, strict=True)
    ]
    return Readiness(ready=bool(found) and all(one.ready for one in found), platforms=found)


def has_credentials(sources: Sources, platform: Platform) -> bool:
    """Whether there is a credential to ask with."""
    try:
        return bool(sources.reader.upstream.credentials(platform))
    except ConfigurationError:
        return False
