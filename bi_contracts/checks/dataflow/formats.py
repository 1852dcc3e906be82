"""Formats that names promise: an e-mail address under `email` is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ...interaction import Envelope
from ...paths import Json
from ...report.events import Finding
from .found import counted, finding
from .moments import plain
from .table import Table

MAIL_NAMES: Final = frozenset(
    (
        *("email", "emailaddress", "useremailaddress", "useremail", "mail", "hsemail", "workemail", "personemail"),
        "trustedemailaddress",
    )
)
"""Names, in small letters without separators, of fields that hold one e-mail address."""

_MAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]{1,64}"
    r"@(?=.{4,253}\Z)[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\-\u0080-\U0010ffff]{0,62})"
    r"(?:\.[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\-\u0080-\U0010ffff]{0,62}))+"
)


def is_mail(value: Json) -> bool:
    """Whether a text is an e-mail address as HTML forms take them (WHATWG, `type=email`), with a dot in the domain."""
    if not isinstance(value, str) or not _MAIL.fullmatch(value):
        return False
    local = value.partition("@")[0]
    return not (local.startswith(".") or local.endswith(".") or ".." in local)


def not_json(answers: Sequence[Envelope]) -> list[Finding]:
    """Answers with data under a content type that is not JSON's: strict readers take them for something else."""
    told = [answer["headers"].get("content-type") for answer in answers if answer["body"] not in (None, "")]
    bad = sorted({kind.partition(";")[0].strip() for kind in told if kind is not None and not _JSON.match(kind)})
    if not bad:
        return []
    number = sum(kind is not None and not _JSON.match(kind) for kind in told)
    said = f"{counted(number, len(answers), 'answer')} under the content type {bad[0][:60]!r}, not JSON's"
    return [Finding("content-type", "warning", "/headers/content-type", message=said, evidence={"seen": number})]


_JSON: Final = re.compile(r"\s*application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)


def malformed_mail(rows: Table, *, key: str = "") -> list[Finding]:
    """Fields that hold an e-mail address by their name, and something else in some rows. Empty ones are left out."""
    found = []
    for path in rows.columns:
        if plain(path.rpartition(".")[2]) not in MAIL_NAMES:
            continue
        given = [(number, value) for number, value in rows.column(path) if isinstance(value, str) and value]
        bad = [number for number, value in given if not is_mail(value)]
        if bad:
            said = f"is no e-mail address in {counted(len(bad), len(given))}"
            found.append(
                finding("email-malformed", "breaking", path, said, table=rows, rows=bad, of=len(given), key=key)
            )
    return found
