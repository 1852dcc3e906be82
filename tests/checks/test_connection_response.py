"""Responses: what a reader can use, and what only looks like it."""

from __future__ import annotations

import gzip
import json
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.checks.connection_response import BadResponse, body_problem, good_response, problems
from bi_contracts.interaction import Response
from bi_contracts.platforms.gong import PLATFORM

NOW = 1_772_355_600.0
BODY = json.dumps({"data": [{"id": 1, "name": "Zoë", "note": "two\nlines"}]}, ensure_ascii=False).encode()


def answer(body: bytes = BODY, status: int = 200, kind: str = "application/json", **headers: str) -> Response:
    """A response with a JSON body unless another is given."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(status, (("content-type", kind), *named) if kind else named, body)


def rules(response: Response, **asked: object) -> list[str]:
    """The rules that a response breaks."""
    return [problem.rule for problem in problems(response, **asked)]  # type: ignore[arg-type]


PAGE = b"<!DOCTYPE html>\n<html><body>502</body></html>"


@pytest.mark.parametrize(
    ("response", "rule"),
    [
        (answer(PAGE, kind="text/html"), "html-page"),
        (answer(PAGE), "html-page"),
        (answer(b"  <!-- x -->\n<HTML>", kind="text/plain"), "html-page"),
        (answer(b"oops", kind="text/html; charset=utf-8"), "html-page"),
        (answer(b""), "empty-body"),
        (answer(b" \n"), "empty-body"),
        (answer(BODY[: len(BODY) // 2]), "truncated-json"),
        (answer(b'{"a": "b'), "truncated-json"),
        (answer(b'{"a": 1, "b"'), "truncated-json"),
        (answer(b'[{"a": tru', content_length="400"), "truncated-json"),
        (answer(b'{"a": 1,}'), "not-json"),
        (answer(b"ok"), "not-json"),
        (answer(b"<xml/>"), "not-json"),
        (answer(b"[" * 100_000), "not-json"),
        (answer(BODY.decode().encode("latin-1"), kind="application/json; charset=iso-8859-1"), "wrong-encoding"),
        (answer(BODY.decode().encode("utf-16")), "wrong-encoding"),
        (answer(gzip.compress(BODY)), "wrong-encoding"),
        (answer(b"\xef\xbb\xbf{}"), "wrong-encoding"),
        (answer(kind="text/plain"), "content-type"),
        (answer(kind=""), "content-type"),
        (answer(b"{}", status=204), "unexpected-body"),
    ],
)
def test_a_body_that_cannot_be_used_is_told_for_what_it_is(response: Response, rule: str) -> None:
    """One thing is said about a body, and it is the cause of the others."""
    found = body_problem(response)
    assert found is not None
    assert found.rule == rule


@pytest.mark.parametrize(
    "response",
    [
        answer(),
        answer(kind="application/json; charset=utf-8"),
        answer(kind="application/problem+json"),
        answer(kind="application/vnd.api+json"),
        answer(b"", status=204, kind=""),
        answer(b"", status=304, kind=""),
        answer(b'"<html>"'),
        answer(b'{"page": "<html></html>"}'),
        answer(b"null"),
    ],
)
def test_a_good_body_is_good(response: Response) -> None:
    """JSON under a JSON type, or nothing where nothing belongs."""
    good_response(response, expected=(response.status,))


PLAIN = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | PLAIN,
    lambda each: st.lists(each) | st.dictionaries(PLAIN, each),
    max_leaves=10,
)


@given(VALUES)
def test_whatever_is_json_passes(value: object) -> None:
    """No JSON value is taken for a page, for a broken one, or for another encoding."""
    good_response(answer(json.dumps(value, ensure_ascii=False).encode()))


@given(st.integers(1, len(BODY) - 1))
def test_wherever_a_body_breaks_off_it_is_told(length: int) -> None:
    """Of an object, no beginning is taken for the whole; a torn character is an encoding that is wrong."""
    assert rules(answer(BODY[:length])) in (["truncated-json"], ["wrong-encoding"])


@pytest.mark.parametrize(
    ("status", "expected", "good"), [(200, (200,), True), (404, (200,), False), (404, (200, 404), True)]
)
def test_the_status_is_one_of_those_expected(status: int, expected: tuple[int, ...], good: bool) -> None:
    """The message says which were."""
    found = rules(answer(status=status), expected=expected)
    assert found == ([] if good else ["unexpected-status"])


def test_a_platform_s_request_id_is_asked_for() -> None:
    """Its absence is a warning: data can be read without."""
    assert rules(answer(x_traceid="1"), platform=PLATFORM) == []
    (missing,) = problems(answer(), platform=PLATFORM)
    assert (missing.rule, missing.severity) == ("request-id-missing", "warning")


@pytest.mark.parametrize(
    ("ahead", "said"), [(0, ""), (119, ""), (-120, ""), (121, "121 s ahead"), (-3600, "3600 s behind")]
)
def test_a_clock_may_differ_by_two_minutes(ahead: float, said: str) -> None:
    """Further off, the times of rate limits and signatures cannot be compared."""
    found = list(problems(answer(date=formatdate(NOW + ahead, usegmt=True)), now=NOW))
    assert [(one.rule, one.severity, said in str(one)) for one in found] == (
        [("clock-skewed", "warning", True)] if said else []
    )


@pytest.mark.parametrize(("date", "rule"), [("yesterday", ["date-unreadable"]), ("", [])])
def test_a_date_that_cannot_be_read_is_told(date: str, rule: list[str]) -> None:
    """One that is not there is not."""
    assert rules(answer(date=date), now=NOW) == rule


def test_everything_that_is_wrong_is_told_and_the_first_is_raised() -> None:
    """Status before body, body before headers."""
    bad = answer(PAGE, status=502, kind="text/html", date=formatdate(0, usegmt=True))
    asked = {"platform": PLATFORM, "now": NOW}
    assert rules(bad, **asked) == ["unexpected-status", "html-page", "request-id-missing", "clock-skewed"]
    with pytest.raises(BadResponse, match="HTTP 502 in place of 200"):
        good_response(bad, platform=PLATFORM, now=NOW)


@pytest.mark.parametrize("text", [r'{"a": "\q", "b": 1}', '{"a": "one\ntwo"}', r'{"a": "\uZZZZ", "b": 1}'])
def test_what_is_whole_and_wrong_is_not_said_to_break_off(text: str) -> None:
    """An escape that JSON does not have, or a raw line break: the body is all there."""
    (found,) = problems(answer(text.encode()))
    assert found.rule == "not-json"


@given(st.integers(1, 40))
def test_every_cut_of_a_body_is_seen(cut: int) -> None:
    """Wherever it breaks off, within an escape too."""
    text = r'{"name": "Zo\u00eb \"D\"", "rows": [1, {"a": null}], "done": true}'
    (found,) = problems(answer(text[:cut].encode()))
    assert found.rule == "truncated-json"
