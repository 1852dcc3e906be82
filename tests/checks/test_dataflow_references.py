"""References: laws about joins that hold and about one that leads nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.checks.dataflow import Reference, Table, derived, judge
from bi_contracts.errors import ConfigurationError
from bi_contracts.platform import Endpoint

from .rows import Rows, clean, owners, platform, spoiled

FEW = settings(max_examples=40)

OWNER = Reference("acme/contacts:owner.id", ("acme/owners:id",))
BOTH = ("acme/contacts", "acme/owners")


def tables(contacts: Rows, others: Rows | None = None) -> dict[str, Table]:
    """What was read."""
    return {"acme/contacts": Table(contacts), "acme/owners": Table(owners() if others is None else others)}


@FEW
@given(clean())
def test_references_of_clean_rows_lead_somewhere(rows: Rows) -> None:
    """Every one of them is counted, and kept."""
    judged = judge(OWNER, tables(rows), BOTH)
    assert (judged.of, judged.kept, judged.findings, judged.unknown) == (len(rows), len(rows), (), "")


@FEW
@given(clean(), st.data())
def test_a_dangling_reference_is_found_wherever_it_stands(rows: Rows, data: st.DataObject) -> None:
    """The row is named, and the value is not."""
    at = data.draw(st.integers(0, len(rows) - 1))
    bad = spoiled(rows, at, lambda one: one["owner"].update(id="nobody.secret@x.example"))
    judged = judge(OWNER, tables(bad), BOTH, key="id")
    (found,) = judged.findings
    assert (found.rule, found.severity, found.path) == ("reference-dangling", "breaking", f"/{at}/owner/id")
    assert (judged.of - judged.kept, found.evidence["ids"]) == (1, [f"contact-{at}"])
    assert "secret" not in str(found)


@FEW
@given(clean(), st.data())
def test_what_was_not_read_to_the_end_cannot_tell(rows: Rows, data: st.DataObject) -> None:
    """A missing target may stand on a page that was not read: no finding, and no pass either."""
    at = data.draw(st.integers(0, len(rows) - 1))
    bad = spoiled(rows, at, lambda one: one["owner"].update(id="elsewhere"))
    judged = judge(OWNER, tables(bad), ["acme/contacts"])
    assert (judged.findings, judged.unknown) == (
        (),
        "acme/owners was not read to its end, so what is missing may stand further on",
    )
    assert judge(OWNER, tables(rows), []).unknown == ""


def test_nothing_to_judge_is_not_a_pass() -> None:
    """Lists that were not read, and rows that refer to nothing, say why."""
    assert judge(OWNER, {}, []).unknown.startswith("acme/contacts was not read, so ")
    assert judge(OWNER, {"acme/contacts": Table([])}, []).unknown.startswith("acme/owners was not read, so ")
    assert judge(OWNER, tables([{"owner": {"id": None}}]), BOTH).unknown == "no row refers to anything"


def test_any_of_several_targets_will_do() -> None:
    """An author is an admin or a contact; a target that was not read cannot rule anything out."""
    either = Reference("acme/contacts:owner.id", ("acme/owners:id", "acme/bots:id"))
    rows = {**tables([{"owner": {"id": "bot-1"}}]), "acme/bots": Table([{"id": "bot-1"}])}
    assert judge(either, rows, rows).kept == 1
    without = {id: rows[id] for id in BOTH}
    assert judge(either, without, without).unknown.startswith("acme/bots was not read, so ")


def test_where_chooses_the_objects() -> None:
    """Only authors of the right type are looked for."""
    asked = Reference("a/parts:author.id", ("a/admins:id",), {"type": ("admin", "owner")})
    parts = [{"author": {"type": "admin", "id": 1}}, {"author": {"type": "user", "id": 99}}]
    judged = judge(asked, {"a/parts": Table(parts), "a/admins": Table([{"id": "1"}])}, ["a/admins"])
    assert (judged.of, judged.kept) == (1, 1)


def test_across_platforms_a_share_is_enough() -> None:
    """Real life keeps no such reference wholly; case does not matter in an address."""
    mail = Reference("a/calls:email", ("b/contacts:email",), share=0.5, folded=True, severity="warning", name="x")
    calls = [{"email": "A@x.example"}, {"email": "b@x.example"}, {"email": "c@x.example"}]
    read = {"a/calls": Table(calls), "b/contacts": Table([{"email": "a@X.example"}, {"email": "b@x.example"}])}
    assert mail.across
    assert judge(mail, read, read).findings == ()
    assert judge(mail, read, []).unknown == ""
    read["b/contacts"] = Table([{"email": "a@x.example"}])
    (found,) = judge(mail, read, read).findings
    assert (found.severity, found.evidence["references"], found.evidence["dangling"]) == ("warning", 3, 2)
    assert "at least 50%" in found.message


def test_nobody_is_not_looked_for() -> None:
    """Platforms write 0 or -1 where nobody is meant."""
    asked = Reference("acme/contacts:owner.id", ("acme/owners:id",), ignore=(0, "-1"))
    rows = [{"owner": {"id": 0}}, {"owner": {"id": "-1"}}, {"owner": {"id": ""}}, {"owner": {"id": {"a": 1}}}]
    assert judge(asked, tables(rows), BOTH).of == 0


@pytest.mark.parametrize(
    ("source", "targets", "share"),
    [("contacts.owner", ("a/b:c",), 1), ("a/b:c", (), 1), ("a/b:c", ("a/b",), 1), ("a/b:c", ("a/b:d",), 2)],
)
def test_a_reference_that_cannot_be_is_refused(source: str, targets: tuple[str, ...], share: float) -> None:
    """With a place as it should be written, or the range."""
    with pytest.raises(ConfigurationError):
        Reference(source, targets, share=share)


def test_examples_show_what_refers_to_what() -> None:
    """The key of a list's example row, found in another's example, is a reference; words and own keys are not."""
    acme = platform(
        Endpoint("users", "/users", examples=({"id": "user-1001", "manager": "user-1002"}, {"id": "user-1002"})),
        Endpoint("kinds", "/kinds", key="name", examples=({"name": "Account"},)),
        Endpoint(
            "deals",
            "/deals",
            examples=({"id": "deal-2001", "kind": "Account", "by": [{"user": "user-1001"}], "n": 1, "x": None},),
        ),
        Endpoint(
            "notes", "/deals/{deal}/notes", parents={"deal": "deals"}, examples=({"id": "note-1", "of": "deal-2001"},)
        ),
        Endpoint("deal", "/deals/{id}", kind="item", parents={"id": "deals"}, examples=({"id": "deal-2001"},)),
    )
    found = {one.source: one.targets for one in derived(acme)}
    assert found == {
        "acme/users:manager": ("acme/users:id",),
        "acme/deals:by.*.user": ("acme/users:id",),
        "acme/notes:of": ("acme/deals:id",),
    }
    assert {one.severity for one in derived(acme)} == {"warning"}
