"""Redaction: the same values without credentials and without personal data.

Every function here is pure, deterministic, keeps types and formats, and is idempotent: `redact(redact(x)) ==
redact(x)`. The same input gives the same output, so ids, addresses and page cursors still join after redaction.

How each kind is treated, and what that is worth:

* credentials under a telling name (header, parameter, field) become `REDACTED`; nothing can be learnt from that;
* token-shaped strings anywhere keep their type prefix and get a 48-bit digest (see `shapes`): too short to matter for
  a random token, long enough to keep page cursors apart;
* e-mail addresses, phone numbers, names of people, IP addresses and message text become pseudonyms (see
  `pseudonyms`): they cannot be read back, but a guess can be confirmed.
"""

from __future__ import annotations

from dataclasses import replace

from ..interaction import Interaction
from ..paths import Json
from .credentials import policy_of_answer
from .literals import mask_literals
from .message import redact_request, redact_response
from .policy import DEFAULT, REDACTED, SECRETS_ONLY, Policy
from .redactor import is_graphql, redactor
from .shapes import SecretFound, find_secrets

__all__ = [
    "DEFAULT",
    "REDACTED",
    "SECRETS_ONLY",
    "Policy",
    "SecretFound",
    "find_secrets",
    "holds_literal",
    "is_graphql",
    "policy_of_answer",
    "redact_interaction",
    "redact_json",
    "redact_request",
    "redact_response",
    "redact_text",
    "redact_url",
]


def redact_interaction(interaction: Interaction, policy: Policy = DEFAULT) -> Interaction:
    """The exchange with both messages redacted, and the request's credentials wherever the response repeats them."""
    return replace(
        interaction,
        request=redact_request(interaction.request, policy),
        response=redact_response(interaction.response, policy_of_answer(interaction.request, policy)),
    )


def redact_url(url: str, policy: Policy = DEFAULT) -> str:
    """A URL without userinfo, credential parameters and token-shaped path segments."""
    return redactor(policy).url(url)


def redact_json(value: Json, policy: Policy = DEFAULT) -> Json:
    """A JSON value with the same keys, JSON types and list lengths."""
    return redactor(policy).json(value)


def redact_text(text: str, policy: Policy = DEFAULT) -> str:
    """Text of which nothing is known: credentials by their look, and by policy e-mails and phone numbers."""
    return redactor(policy).string(text)


def holds_literal(text: str, policy: Policy) -> bool:
    """Whether the text still holds one of the policy's known values, in any form."""
    return bool(policy.literals) and mask_literals(text, policy.literals) != text
