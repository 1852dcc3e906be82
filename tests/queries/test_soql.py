"""SOQL: what the parser reads, how it refuses, and which rows its conditions want."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bi_contracts.queries import BadQuery, matches
from bi_contracts.queries.soql import Soql, parse, predicate
from bi_contracts.queries.soql.predicates import period
from bi_contracts.queries.soql.tree import (
    And,
    By,
    Column,
    Comparison,
    Field,
    Function,
    Moment,
    Negation,
    Or,
    Period,
    Select,
    names,
)

NOW = datetime(2026, 5, 13, 15, 30, tzinfo=UTC).timestamp()
"""A Wednesday."""


def field(path: str) -> Field:
    return Field(tuple(path.split(".")))


def request(text: str) -> httpx.Request:
    return httpx.Request("GET", "https://example.my.salesforce.com/services/data/v60.0/query", params={"q": text})


def refused(text: str) -> BadQuery:
    with pytest.raises(BadQuery) as caught:
        parse(text)
    return caught.value


# What is read


def test_a_statement_has_all_its_clauses() -> None:
    """Every clause stands in the tree, in words of either case."""
    found = parse(
        "select Id, Account.Name owner from Contact c where Name like 'A%' "
        "order by Name desc nulls last, Id limit 20 offset 5 all rows"
    )
    assert found == Select(
        columns=(Column(field("Id")), Column(field("Account.Name"), "owner")),
        sobject="Contact",
        alias="c",
        where=Comparison(field("Name"), "like", "A%"),
        order=(By(field("Name"), descending=True, nulls_last=True), By(field("Id"))),
        limit=20,
        offset=5,
        all_rows=True,
    )


def test_groups_have_functions_aliases_and_having() -> None:
    """Aggregates are functions of a field; `COUNT()` has none."""
    found = parse("SELECT StageName, SUM(Amount) total FROM Opportunity GROUP BY StageName HAVING COUNT(Id) > 1")
    assert found.columns == (Column(field("StageName")), Column(Function("SUM", field("Amount")), "total"))
    assert found.group == (field("StageName"),)
    assert found.having == Comparison(Function("COUNT", field("Id")), ">", 1)
    assert parse("SELECT COUNT() FROM Account").columns == (Column(Function("COUNT", None)),)


def test_a_sub_query_is_a_column() -> None:
    """Parentheses in the list of columns hold a statement over the children."""
    found = parse("SELECT Id, (SELECT Email FROM Contacts ORDER BY Email LIMIT 1) FROM Account")
    inner = found.columns[1].value
    assert isinstance(inner, Select)
    assert (inner.sobject, inner.limit, names(found)) == ("Contacts", 1, ("Id",))


def test_conditions_nest() -> None:
    """Parentheses group, NOT turns round what follows it."""
    found = parse("SELECT Id FROM Case WHERE (Status = 'New' OR Priority IN ('High', 'Low')) AND NOT IsClosed = true")
    assert found.where == And(
        (
            Or((Comparison(field("Status"), "=", "New"), Comparison(field("Priority"), "in", ("High", "Low")))),
            Negation(Comparison(field("IsClosed"), "=", True)),
        )
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'O\\'Neill'", "O'Neill"),
        ("'a\\nb\\\\c'", "a\nb\\c"),
        ("12", 12),
        ("-1.5e3", -1500.0),
        ("TRUE", True),
        ("null", None),
        ("2026-01-05", Moment("2026-01-05")),
        ("2026-01-05T08:00:00.000+01:00", Moment("2026-01-05T08:00:00.000+01:00")),
        ("2026-01-05T08:00:00Z", Moment("2026-01-05T08:00:00Z")),
        ("this_year", Period("THIS_YEAR")),
        ("LAST_N_DAYS:30", Period("LAST_N_DAYS", 30)),
    ],
)
def test_values_are_read(written: str, value: Any) -> None:
    """Each literal becomes the value that it stands for."""
    found = parse(f"SELECT Id FROM Account WHERE Name = {written}").where
    assert found == Comparison(field("Name"), "=", value)


def test_a_semi_join_is_a_statement() -> None:
    """IN takes a statement in parentheses; its rows are somebody else's to know."""
    found = parse("SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)").where
    assert isinstance(found, Comparison)
    assert isinstance(found.value, Select)
    assert (found.operator, found.value.sobject) == ("not in", "Contact")
    with pytest.raises(BadQuery):
        predicate(found, NOW)
    assert matches(predicate(found, NOW, lambda _: ["1"]), {"Id": "2"})
    assert not matches(predicate(found, NOW, lambda _: ["1"]), {"Id": "1"})


# What is refused

MALFORMED = [
    "",
    "SELECT",
    "SELECT FROM Account",
    "SELECT Id",
    "SELECT Id FROM",
    "SELECT Id FRM Account",
    "SELECT Id, FROM Account",
    "SELECT Id FROM Account WHERE",
    "SELECT Id FROM Account WHERE Name",
    "SELECT Id FROM Account WHERE Name =",
    "SELECT Id FROM Account WHERE Name = 'x",
    'SELECT Id FROM Account WHERE Name = "x"',
    "SELECT Id FROM Account WHERE Name = x",
    "SELECT Id FROM Account WHERE Name = 'a\\qb'",
    "SELECT Id FROM Account WHERE Name LIKE 5",
    "SELECT Id FROM Account WHERE Name IN 'x'",
    "SELECT Id FROM Account WHERE Name IN ()",
    "SELECT Id FROM Account WHERE (Name = 'x'",
    "SELECT Id FROM Account WHERE Name = 'x' AND Name = 'y' OR Name = 'z'",
    "SELECT Id FROM Account WHERE Name NOT LIKE 'x'",
    "SELECT Id FROM Account WHERE CreatedDate > LAST_N_DAYS",
    "SELECT Id FROM Account WHERE CreatedDate > LAST_N_DAYS:x",
    "SELECT Id FROM Account ORDER Name",
    "SELECT Id FROM Account ORDER BY Name NULLS",
    "SELECT Id FROM Account LIMIT",
    "SELECT Id FROM Account LIMIT -1",
    "SELECT Id FROM Account LIMIT 99999999999",
    "SELECT Id FROM Account.Contact",
    "SELECT Id FROM Account; DELETE",
    "SELECT WHATEVER(Id) FROM Account",
    "SELECT Id FROM Account FOR FUN",
    "SELECT Id FROM Account WITH LOVE",
    "SELECT TYPEOF What WHEN Account THEN Phone END FROM Task",
    "SELECT Id FROM Account GROUP BY ROLLUP(Name)",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_soql_is_malformed(text: str) -> None:
    """The code is MALFORMED_QUERY, and the message says where."""
    problem = refused(text)
    assert problem.code == "MALFORMED_QUERY"
    assert "\nERROR at Row:1:Column:" in str(problem)


def test_a_refusal_points_at_the_place() -> None:
    """Row and column count from one, and a caret stands below the place."""
    problem = str(refused("SELECT Id\nFROM Account\nWHERE Name ~ 'x'"))
    _, line, caret, where, _ = problem.split("\n", 4)
    assert line == "WHERE Name ~ 'x'"
    assert line[caret.index("^")] == "~"
    assert where == "ERROR at Row:3:Column:12"


@pytest.mark.parametrize("text", ["(" * 5000, "SELECT Id FROM Account WHERE " + "NOT " * 5000 + "a = 1", "x" * 200_000])
def test_depth_and_length_have_an_end(text: str) -> None:
    """No text is deep or long enough to break the parser."""
    assert refused(text).code in ("MALFORMED_QUERY", "QUERY_TOO_COMPLICATED")


PIECES = (
    *("SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER BY", "GROUP BY", "HAVING", "LIMIT", "OFFSET"),
    *("(", ")", ",", "=", "!=", "<", ">", ":", "'x'", "'", "\\", "5", "-1", "2026-01-05", "TODAY", "LAST_N_DAYS:99999"),
    *("Id", "Name", "Account", "Account.Name", "Contacts", "COUNT()", "SUM(Amount)", "FIELDS(ALL)", "NULLS", "DESC"),
    *("2026-99-99", "0001-01-01T00:00:00+14:00", "N_YEARS_AGO:999999999", "null", "é", "\x00", "\ud800", "\n", "--"),
)


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=16).map(" ".join))
@example("SELECT Id FROM Account WHERE CreatedDate = 9999-12-31T23:59:59-14:00")
@example("SELECT Id FROM Account WHERE CreatedDate < LAST_N_YEARS:999999999")
@settings(max_examples=400)
def test_no_text_raises_anything_but_bad_query(text: str) -> None:
    """Whatever is sent as a statement is read, or refused as the platform refuses."""
    with suppress(BadQuery):
        found = Soql().read(httpx.Request("GET", "https://example.com/", params={"q": text.encode("utf-8", "replace")}))
        assert matches(found.where, {"CreatedDate": "2026-01-05T08:00:00.000+0000"}) in (True, False)


# What is wanted

ROW = {
    "Name": "Fjord Freight",
    "Industry": None,
    "Amount": 4200.0,
    "IsWon": False,
    "CloseDate": "2026-05-12",
    "CreatedDate": "2026-05-13T08:00:00.000+0000",
    "Tags": "red;green",
    "Account": {"Name": "Juniper Labs", "Owner": None},
    "Percent": "50% off_now",
}


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("Name = 'fjord freight'", True),
        ("Name != 'fjord freight'", False),
        ("Name <> 'other'", True),
        ("Name LIKE 'Fjord%'", True),
        ("Name LIKE '%FREIGHT'", True),
        ("Name LIKE 'F_ord%'", True),
        ("Name LIKE 'jord'", False),
        ("Percent LIKE '50\\\\% off\\\\_now'", False),
        ("Percent LIKE '50\\% off\\_%'", True),
        ("Percent LIKE '5\\%%'", False),
        ("Name IN ('x', 'Fjord Freight')", True),
        ("Name NOT IN ('x')", True),
        ("Industry = null", True),
        ("Industry != null", False),
        ("Industry != 'Media'", True),
        ("Industry LIKE '%'", False),
        ("Industry < 'z'", False),
        ("Amount >= 4200", True),
        ("Amount < 4200.5", True),
        ("Amount > 4200", False),
        ("IsWon = FALSE", True),
        ("CloseDate = 2026-05-12", True),
        ("CloseDate = YESTERDAY", True),
        ("CloseDate < TODAY", True),
        ("CloseDate >= TODAY", False),
        ("CloseDate != THIS_MONTH", False),
        ("CloseDate <= LAST_MONTH", False),
        ("CloseDate > LAST_MONTH", True),
        ("CloseDate IN (TODAY, YESTERDAY)", True),
        ("CreatedDate = TODAY", True),
        ("CreatedDate > 2026-05-13T07:59:59Z", True),
        ("CreatedDate < 2026-05-13T09:59:59+01:00", True),
        ("Tags INCLUDES ('red')", True),
        ("Tags INCLUDES ('red;green', 'blue')", True),
        ("Tags INCLUDES ('red;blue')", False),
        ("Tags EXCLUDES ('blue')", True),
        ("Account.Name = 'Juniper Labs'", True),
        ("Account.Owner.Name = null", True),
        ("NOT (Name = 'x' OR Amount > 1)", False),
        ("(Name = 'x' AND Amount > 1) OR IsWon = false", True),
    ],
)
def test_a_condition_wants_or_does_not(condition: str, wanted: bool) -> None:
    """Each operator, on the types that it takes."""
    test = parse(f"SELECT Id FROM Opportunity WHERE {condition}").where
    assert test is not None
    assert matches(predicate(test, NOW), ROW) is wanted


@pytest.mark.parametrize(
    ("literal", "start", "stop"),
    [
        (Period("TODAY"), "2026-05-13", "2026-05-14"),
        (Period("TOMORROW"), "2026-05-14", "2026-05-15"),
        (Period("THIS_WEEK"), "2026-05-10", "2026-05-17"),
        (Period("LAST_WEEK"), "2026-05-03", "2026-05-10"),
        (Period("NEXT_MONTH"), "2026-06-01", "2026-07-01"),
        (Period("THIS_QUARTER"), "2026-04-01", "2026-07-01"),
        (Period("LAST_FISCAL_QUARTER"), "2026-01-01", "2026-04-01"),
        (Period("THIS_YEAR"), "2026-01-01", "2027-01-01"),
        (Period("LAST_90_DAYS"), "2026-02-12", "2026-05-14"),
        (Period("LAST_N_DAYS", 2), "2026-05-11", "2026-05-14"),
        (Period("NEXT_N_DAYS", 2), "2026-05-14", "2026-05-16"),
        (Period("LAST_N_MONTHS", 2), "2026-03-01", "2026-05-01"),
        (Period("NEXT_N_WEEKS", 1), "2026-05-17", "2026-05-24"),
        (Period("N_DAYS_AGO", 1), "2026-05-12", "2026-05-13"),
        (Period("N_MONTHS_AGO", 5), "2025-12-01", "2026-01-01"),
        (Period("N_FISCAL_YEARS_AGO", 1), "2025-01-01", "2026-01-01"),
    ],
)
def test_a_period_has_a_start_and_an_end(literal: Period, start: str, stop: str) -> None:
    """Seen from a Wednesday in May; weeks start on Sunday."""
    assert period(literal, NOW) == (f"{start}T00:00:00+00:00", f"{stop}T00:00:00+00:00")


@given(st.sampled_from(["YESTERDAY", "LAST_WEEK", "THIS_MONTH", "NEXT_QUARTER", "THIS_YEAR"]), st.floats(0, 4e9))
def test_periods_follow_each_other(name: str, now: float) -> None:
    """Every period ends after it starts, and begins at midnight."""
    start, stop = (datetime.fromisoformat(moment) for moment in period(Period(name), now))
    assert start < stop
    assert start.hour == stop.hour == 0


# Whose rows


@pytest.mark.parametrize(
    ("text", "concerned"),
    [
        ("SELECT Id FROM Account", True),
        ("select id from ACCOUNT where Id in (select AccountId from Contact)", True),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", True),
        ("SELECT Id FROM Contact WHERE Name = ' FROM Account'", False),
        ("SELECT Id FRM Account", False),
    ],
)
def test_a_statement_tells_whose_rows_it_wants(text: str, concerned: bool) -> None:
    """The object after the outer FROM decides, whatever stands in texts and parentheses."""
    assert Soql("Account").concerns(request(text)) is concerned


def test_a_page_without_a_statement_may_be_anybodys() -> None:
    """A later page carries a locator in its path and perhaps no statement."""
    assert Soql("Account").concerns(httpx.Request("GET", "https://example.com/query/0r8000000000000000-2000"))
    assert Soql().concerns(request("SELECT Id FROM Lead"))


def test_the_language_reads_a_request() -> None:
    """`q` becomes a query of the house: a predicate and an order."""
    found = Soql("Account").read(request("SELECT Id FROM Account WHERE Name = 'x' ORDER BY Name DESC"))
    assert matches(found.where, {"Name": "X"})
    assert [(by.path, by.descending) for by in found.order] == [("Name", True)]
