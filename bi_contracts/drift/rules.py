"""The rules of drift, as rows. Ids follow oasdiff's response checks where those have one.

A rule says how bad a kind of change is for a reader of the response. Each has a mirror: the rule for the
opposite change, itself where a change is its own opposite, or a written reason why there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import BiContractsError
from .severity import Severity

BREAKING, WARNING, INFO = Severity.BREAKING, Severity.WARNING, Severity.INFO


@dataclass(frozen=True, slots=True)
class Rule:
    """`kind` is what changed, `action` how; `mirror` is a rule id, or empty with the reason in `waiver`."""

    id: str
    severity: Severity
    kind: str
    action: str
    explanation: str
    example: str
    mirror: str = ""
    waiver: str = ""


class UnknownRule(BiContractsError):
    """No rule has this id."""


_SAMPLES = "Samples that happen to be narrower say nothing about what may come."

_PROPERTY: Final = (
    Rule(
        "response-required-property-removed",
        BREAKING,
        "existence",
        "remove",
        "A property that every baseline sample had is in none of the fresh ones.",
        "`archived` is gone from every page",
        mirror="response-required-property-added",
    ),
    Rule(
        "response-required-property-added",
        INFO,
        "existence",
        "add",
        "Every fresh sample has a property that the contract does not know.",
        "every page now has `in_trash`",
        mirror="response-required-property-removed",
    ),
    Rule(
        "response-optional-property-removed",
        WARNING,
        "existence",
        "remove",
        "A property that some baseline samples had is in none of the fresh ones, and chance does not explain it.",
        "`nickname`, seen 12 of 20 times, is in none of 50 users",
        mirror="response-optional-property-added",
    ),
    Rule(
        "response-optional-property-added",
        INFO,
        "existence",
        "add",
        "Some fresh samples have a property that the contract does not know.",
        "some users now have `nickname`",
        mirror="response-optional-property-removed",
    ),
    Rule(
        "response-property-became-optional",
        BREAKING,
        "requiredness",
        "relax",
        "A property that every baseline sample had is missing from some fresh ones.",
        "`email` is missing from 7 of 20 users",
        mirror="response-property-became-required",
    ),
    Rule(
        "response-property-became-required",
        INFO,
        "requiredness",
        "tighten",
        "A property that some baseline samples lacked is in all fresh ones, and chance does not explain it.",
        "`email`, seen 12 of 20 times, is in all of 50 users",
        mirror="response-property-became-optional",
    ),
    Rule(
        "response-property-enum-value-added",
        WARNING,
        "values",
        "add",
        "A property with a closed vocabulary has a value that is not in it.",
        "`status` is now also `on_hold`",
        waiver="Samples cannot show that a value can no longer occur.",
    ),
    Rule(
        "response-property-const-changed",
        BREAKING,
        "values",
        "change",
        "A property that always had one value always has another.",
        "`object` was `list`, now `collection`",
        mirror="response-property-const-changed",
    ),
    Rule(
        "response-property-one-of-added",
        WARNING,
        "structure",
        "add",
        "A discriminated union has a variant that the contract does not know. Breaking when it replaces a known one.",
        "`results` now also hold `object: data_source`",
        mirror="response-property-one-of-removed",
    ),
    Rule(
        "response-property-one-of-removed",
        INFO,
        "structure",
        "remove",
        "A variant of a discriminated union is in none of the fresh samples, and chance does not explain it.",
        "`results` no longer hold `object: database`",
        mirror="response-property-one-of-added",
    ),
    Rule(
        "response-property-format-changed",
        BREAKING,
        "type",
        "change",
        "Strings that all had one format all have another, or none. A warning unless the format is a date or a time.",
        "`created` was a date-time, now text",
        mirror="response-property-format-changed",
    ),
    Rule(
        "response-property-format-generalized",
        WARNING,
        "type",
        "generalize",
        "Strings that all had one format no longer all have it.",
        "`due` is a date or, now, text",
        waiver=_SAMPLES,
    ),
)


def _typed(subject: str, noun: str, example: str) -> tuple[Rule, ...]:
    """The type rules, once for properties and once for whole bodies."""
    return (
        Rule(
            f"response-{subject}-type-changed",
            BREAKING,
            "type",
            "change",
            f"{noun} has another JSON type in every fresh sample.",
            f"{example} was string, now object",
            mirror=f"response-{subject}-type-changed",
        ),
        Rule(
            f"response-{subject}-type-generalized",
            BREAKING,
            "type",
            "generalize",
            f"{noun} was an integer and is now also, or only, a number with a fraction.",
            f"{example} was integer, now number",
            waiver=_SAMPLES,
        ),
        Rule(
            f"response-{subject}-list-of-types-widened",
            BREAKING,
            "type",
            "add",
            f"{noun} has a JSON type that it never had, besides those it had.",
            f"{example} was string, now string or object",
            mirror=f"response-{subject}-list-of-types-narrowed",
        ),
        Rule(
            f"response-{subject}-list-of-types-narrowed",
            INFO,
            "type",
            "remove",
            f"{noun} no longer has one of its JSON types, and chance does not explain it.",
            f"{example} was string or object, now string",
            mirror=f"response-{subject}-list-of-types-widened",
        ),
        Rule(
            f"response-{subject}-type-compatible",
            INFO,
            "type",
            "change",
            f"{noun} was only ever null, and now has a value.",
            f"{example} was null, now string",
            mirror=f"response-{subject}-became-nullable",
        ),
        Rule(
            f"response-{subject}-became-nullable",
            BREAKING,
            "requiredness",
            "relax",
            f"{noun} was never null, and now is.",
            f"{example} was string, now string or null",
            mirror=f"response-{subject}-became-not-nullable",
        ),
        Rule(
            f"response-{subject}-became-not-nullable",
            INFO,
            "requiredness",
            "tighten",
            f"{noun} is no longer ever null, and chance does not explain it.",
            f"{example} was string or null, now string",
            mirror=f"response-{subject}-became-nullable",
        ),
    )


_ENVELOPE: Final = (
    Rule("response-success-status-removed", BREAKING, "status", "remove",
         "A success status of the contract no longer comes.", "200 is gone, every response is 403",
         mirror="response-success-status-added"),
    Rule("response-success-status-added", INFO, "status", "add",
         "A success status comes that the contract does not know.", "202 besides 200",
         mirror="response-success-status-removed"),
    Rule("response-non-success-status-added", INFO, "status", "add",
         "An error status comes that the contract does not know.", "429 in 1 of 50 responses",
         mirror="response-non-success-status-removed"),
    Rule("response-non-success-status-removed", INFO, "status", "remove",
         "An error status of the contract no longer comes, and chance does not explain it.", "404 is gone",
         mirror="response-non-success-status-added"),
    Rule("response-success-body-removed", BREAKING, "outcome", "remove",
         "Every response with a success status now says in its body that it failed.", "`ok` is false everywhere",
         mirror="response-success-body-added"),
    Rule("response-success-body-added", INFO, "outcome", "add",
         "A response that always failed in its body now also succeeds.", "`ok` is true",
         mirror="response-success-body-removed"),
    Rule("response-error-body-added", INFO, "outcome", "add",
         "Some responses with a success status say in their body that they failed.", "`ok` is false in 1 of 50",
         mirror="response-error-body-removed"),
    Rule("response-error-body-removed", INFO, "outcome", "remove",
         "The failures that bodies told of no longer come, and chance does not explain it.", "`ok` is always true",
         mirror="response-error-body-added"),
    Rule("response-media-type-removed", BREAKING, "media-type", "remove",
         "The media type of the contract is no longer served; parameters such as charset do not count.",
         "application/json became text/html", mirror="response-media-type-added"),
    Rule("response-media-type-added", WARNING, "media-type", "add",
         "The same request is now also answered in another media type.", "text/html in 3 of 50 responses",
         mirror="response-media-type-removed"),
    Rule("required-response-header-removed", BREAKING, "header", "remove",
         "A header that clients read, and that every baseline response had, is gone.", "`link` is gone",
         mirror="response-header-added"),
    Rule("optional-response-header-removed", WARNING, "header", "remove",
         "A header is gone, and chance does not explain it.", "`x-region` is gone",
         mirror="response-header-added"),
    Rule("response-header-added", INFO, "header", "add", "A header that the contract does not know.",
         "`x-ratelimit-limit` is new", mirror="required-response-header-removed"),
    Rule("response-header-became-optional", WARNING, "header", "relax",
         "A header that every baseline response had is missing from some.", "`link` is missing from 7 of 20",
         mirror="response-header-became-required"),
    Rule("response-header-became-required", INFO, "header", "tighten",
         "A header that some baseline responses lacked is in all, and chance does not explain it.",
         "`link` is always there", mirror="response-header-became-optional"),
    Rule("response-deprecation-header-added", WARNING, "lifecycle", "add",
         "The API announces its end: Sunset (RFC 8594), Deprecation (RFC 9745) or Warning.", "`sunset` appeared",
         mirror="response-deprecation-header-removed"),
    Rule("response-deprecation-header-removed", INFO, "lifecycle", "remove",
         "The API no longer announces its end.", "`sunset` is gone", mirror="response-deprecation-header-added"),
)  # fmt: skip

RULES: Final[dict[str, Rule]] = {
    row.id: row
    for row in (
        *_ENVELOPE,
        *_typed("body", "The body", "the body"),
        *_PROPERTY,
        *_typed("property", "A property", "`owner`"),
    )
}
"""Every rule by id, in the order they are listed."""


def rule(id: str) -> Rule:
    """The rule with this id. Raises UnknownRule."""
    try:
        return RULES[id]
    except KeyError:
        raise UnknownRule(f"no rule is called {id!r}; `bi-contracts rules` lists them") from None
