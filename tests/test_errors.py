"""The exception tree: what a person reads, and what a command ends with."""

from __future__ import annotations

import pytest

from bi_contracts import errors
from bi_contracts.errors import BiContractsError, CredentialsMissing, ExitCode, Failure, UnknownEndpoint


def classes() -> list[type[BaseException]]:
    return [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]


@pytest.mark.parametrize("error", classes(), ids=lambda each: each.__name__)
def test_every_error_stands_in_the_tree_and_in_its_drawing(error: type[BaseException]) -> None:
    """Errors and findings are two trees, and the module's docstring draws both."""
    assert issubclass(error, (BiContractsError, Failure))
    assert error.__name__ in (errors.__doc__ or "")


def test_no_error_ends_like_a_success() -> None:
    """Whatever is raised, the command does not end with 0."""
    assert all(error.exit_code != ExitCode.GOOD for error in classes())  # type: ignore[attr-defined]


def test_a_finding_is_an_assertion() -> None:
    """pytest shows a finding as a failed assertion, not as a broken test."""
    assert issubclass(Failure, AssertionError)
    assert not issubclass(Failure, BiContractsError)


def test_an_unknown_endpoint_names_the_nearest() -> None:
    """A typing mistake is answered with what was probably meant."""
    assert "did you mean asana/tasks?" in str(UnknownEndpoint("asana/taks", ["asana/tasks", "slack/users"]))


def test_an_unknown_endpoint_far_from_all_says_where_to_look() -> None:
    """Where nothing is near, the command that lists them is named."""
    assert "bi-contracts platforms" in str(UnknownEndpoint("zzz", ["asana/tasks"]))


@pytest.mark.parametrize(
    ("names", "verb"),
    [
        (["A"], "A is not set; export it or put it in .env. Get one at"),
        (["A", "B"], "A and B are not set; export them or put them in .env. Get them at"),
    ],
)
def test_missing_credentials_name_the_variable_and_the_place(names: list[str], verb: str) -> None:
    """The message holds the variable, where to get one, and the way without an account."""
    said = str(CredentialsMissing("asana", names, "app.example"))
    assert verb in said
    assert "app.example" in said
    assert "--from sandbox" in said


def test_what_is_set_and_malformed_is_not_called_unset() -> None:
    """Whoever has a token is not told to get one."""
    said = str(CredentialsMissing("hubspot", ["HUBSPOT_ACCESS_TOKEN"], "app.example", malformed=True))
    assert "HUBSPOT_ACCESS_TOKEN is set but malformed (" in said
    assert "export" not in said
    assert "Get one" not in said
