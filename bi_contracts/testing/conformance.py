"""Every check of every endpoint in one line of a user's suite."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar


class Conformance:
    """The tests. The plugin gives them their endpoints (`bi_target`) and what runs a check."""

    bi_globs: ClassVar[tuple[str, ...]] = ()
    bi_max_pages: ClassVar[int | None] = None

    def test_read(self, bi_target: str, bi_conforms: Callable[..., None]) -> None:
        """The endpoint can be read to its end, and the rows of one read have keys of their own."""
        from .checks import read_holds

        bi_conforms(read_holds, bi_target, self.bi_max_pages)

    def test_contract(self, bi_target: str, bi_conforms: Callable[..., None]) -> None:
        """The endpoint's answers keep its contract: the recorded ones in replay, fresh ones otherwise."""
        from .checks import contract_keeps

        bi_conforms(contract_keeps, bi_target, self.bi_max_pages)


def conformance(*globs: str, max_pages: int | None = None) -> type[Conformance]:
    """A test class with every check for every endpoint that the globs select: `TestAsana = conformance("asana")`.

    `max_pages` limits each read where answers are fresh. An endpoint without a recording is skipped with the reason,
    and so is the contract check of one without a contract. A glob that selects nothing fails the collection.
    """
    if not globs:
        raise TypeError('conformance() needs a platform or an endpoint: conformance("asana")')
    return type("Conformance", (Conformance,), {"bi_globs": globs, "bi_max_pages": max_pages, "__doc__": None})
