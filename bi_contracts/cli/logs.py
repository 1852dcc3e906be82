"""What is logged, and how: our own lines on stderr, at the level that `LOG_LEVEL` names, never with a secret."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ..errors import ConfigurationError

VARIABLE = "LOG_LEVEL"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Redacted(logging.Formatter):
    """Lines without credentials and personal data, whatever was logged."""

    def format(self, record: logging.LogRecord) -> str:
        from ..redact import redact_text

        return redact_text(super().format(record))


def configure(environ: Mapping[str, str]) -> None:
    """Shows our log lines where `LOG_LEVEL` asks for them. Other libraries' are left alone: httpx logs whole URLs.

    Raises `ConfigurationError` for a level that is none.
    """
    wanted = environ.get(VARIABLE, "").strip().upper()
    if not wanted:
        return
    if wanted not in LEVELS:
        raise ConfigurationError(f"{VARIABLE}: {wanted!r} is no level; choose one of {', '.join(LEVELS)}")
    handler = logging.StreamHandler()
    handler.setFormatter(Redacted("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    ours = logging.getLogger("bi_contracts")
    ours.addHandler(handler)
    ours.setLevel(wanted)
    ours.propagate = False
