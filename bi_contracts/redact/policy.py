"""What is redacted. Credentials always are; the rest can be switched off."""

from __future__ import annotations

from dataclasses import dataclass, field

REDACTED = "REDACTED"
"""Stands where a credential stood. It is the same for every credential, so it confirms no guess."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`personal` covers e-mails, phone numbers, names of people and IP addresses; `text` covers message text.

    `literals` are known credential values, replaced wherever they appear: as they are, URL-encoded, JSON-escaped or
    inside base64. Values shorter than six characters are not searched for: they would match ordinary words.
    """

    personal: bool = True
    text: bool = True
    literals: tuple[str, ...] = field(default=(), repr=False)


DEFAULT = Policy()
SECRETS_ONLY = Policy(personal=False, text=False)
