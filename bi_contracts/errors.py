"""Every error this package raises, in one tree.

    BiContractsError
    ├ DeclarationError ── UnknownEndpoint
    ├ ConfigurationError ── CredentialsMissing
    ├ StoreError ── StoreMissing · StoreDamaged · StoreBusy · StoreFull
    ├ UpstreamError ── RateLimited · Unauthorized · NotFound · BreakerOpen
    │ ├ Unreachable ── TimedOut
    │ └ ApiError ── PaginationLoop
    ├ CassetteError ── CassetteNotFound · CassetteMiss · SecretLeak · SocketBlocked
    └ ContractError ── ContractNotFound · InvalidContract
    Failure(AssertionError) ── ContractViolated · BreakingDrift · SlaBreached

Errors say that the work could not be done; a `Failure` is a finding: the work was done, and what it
looked at is not good. Each class carries the exit code that the command line ends with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; the same everywhere."""

    GOOD = 0
    FINDINGS = 1
    USAGE = 2
    CONFIGURATION = 3
    UPSTREAM = 4
    NOTHING_RAN = 5
    SLA_BREACHED = 6


class BiContractsError(Exception):
    """The work could not be done. The message says what happened, where, and what to type next."""

    exit_code = ExitCode.USAGE


class DeclarationError(BiContractsError):
    """A platform or endpoint is declared in a way that cannot work."""


class UnknownEndpoint(DeclarationError):
    """No declared endpoint has this id. `where` says who names it."""

    def __init__(self, wanted: str, known: Iterable[str], where: str = "") -> None:
        names = sorted(known)
        near = get_close_matches(wanted, names, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`bi-contracts platforms` lists them."
        super().__init__(f"{where}{': ' if where else ''}no declared endpoint matches {wanted!r}: {hint}")
        self.wanted = wanted


class ConfigurationError(BiContractsError):
    """A setting, a file or a folder is not usable."""

    exit_code = ExitCode.CONFIGURATION


class CredentialsMissing(ConfigurationError):
    """A platform's credentials are not set, or hold characters that no header may carry."""

    def __init__(self, platform: str, variables: Sequence[str], where: str = "", *, malformed: bool = False) -> None:
        names, one = " and ".join(variables), len(variables) == 1
        if malformed:
            said = f"{names} {'is' if one else 'are'} set but malformed (a line break or a character outside ASCII)."
        else:
            it, a = ("it", "one") if one else ("them", "them")
            hint = f" Get {a} at {where}." if where else ""
            said = f"{names} {'is' if one else 'are'} not set; export {it} or put {it} in .env.{hint}"
        super().__init__(f"{platform}: {said} No account? Add `--from sandbox`.")
        self.variables = tuple(variables)


class StoreError(BiContractsError):
    """A store of synced data cannot be used."""

    exit_code = ExitCode.CONFIGURATION


class StoreMissing(StoreError):
    """There is no store there."""


class StoreDamaged(StoreError):
    """What is there is no store, or not whole any more."""

    exit_code = ExitCode.FINDINGS


class StoreBusy(StoreError):
    """Somebody else holds the store's lease, or its lock. `holder` says who."""

    def __init__(self, message: str, *, holder: str = "", expires_in: float = 0.0) -> None:
        super().__init__(message)
        self.holder = holder
        self.expires_in = expires_in


class StoreFull(StoreError):
    """The disk is full, or must not be written to. Nothing was half-written."""


class UpstreamError(BiContractsError):
    """The platform did not give what was asked for. `said` is what it wrote, as it stands in the message."""

    exit_code = ExitCode.UPSTREAM
    said = ""

    def __init__(self, message: str, *, status: int | None = None, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Unreachable(UpstreamError):
    """No answer. `reason` says why: `timeout`, `refused`, `reset`, `dns`, `tls`, `proxy` or `other`."""

    def __init__(self, message: str, *, status: int | None = None, code: str = "", reason: str = "other") -> None:
        super().__init__(message, status=status, code=code)
        self.reason = reason


class TimedOut(Unreachable):
    """No answer within the seconds that a policy gives."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="timeout")


class RateLimited(UpstreamError):
    """The platform asks to slow down. `retry_after` is in seconds, None where it does not say."""

    def __init__(
        self, message: str, *, status: int | None = None, code: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.retry_after = retry_after


class Unauthorized(UpstreamError):
    """The credential is missing, malformed, revoked or lacks a scope."""

    exit_code = ExitCode.CONFIGURATION


class NotFound(UpstreamError):
    """The platform has no such thing, or this credential may not see it."""


class BreakerOpen(UpstreamError):
    """Not asked: too many calls failed before. `retry_in` is the seconds until the platform is tried again."""

    def __init__(self, message: str, *, retry_in: float = 0.0) -> None:
        super().__init__(message)
        self.retry_in = retry_in


class ApiError(UpstreamError):
    """Any other error the platform reported. `retry_after` is in seconds, None where the platform does not say."""

    def __init__(
        self, message: str, *, status: int | None = None, code: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.retry_after = retry_after


class PaginationLoop(ApiError):
    """The platform handed out a page token it had handed out before."""


class CassetteError(BiContractsError):
    """A recording cannot be read, written or replayed."""

    exit_code = ExitCode.CONFIGURATION


class CassetteNotFound(CassetteError):
    """There is no recording of this endpoint."""

    exit_code = ExitCode.NOTHING_RAN


class CassetteMiss(CassetteError):
    """The recording has no such request. `closest` is the nearest recorded one, `difference` how they differ."""

    exit_code = ExitCode.FINDINGS

    def __init__(self, message: str, *, closest: str = "", difference: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.closest = closest
        self.difference = tuple(difference)


class SecretLeak(CassetteError):
    """Something credential-like was about to be written, or stands in a recording."""

    exit_code = ExitCode.FINDINGS


class SocketBlocked(CassetteError):
    """Something tried to open a connection during replay."""

    exit_code = ExitCode.FINDINGS


class ContractError(BiContractsError):
    """A contract cannot be found or used."""

    exit_code = ExitCode.CONFIGURATION


class ContractNotFound(ContractError):
    """There is no contract for this endpoint."""

    exit_code = ExitCode.NOTHING_RAN


class InvalidContract(ContractError):
    """The file is no usable contract."""


class Failure(AssertionError):
    """A finding. pytest shows it as a failed assertion, the command line ends with 1."""

    exit_code = ExitCode.FINDINGS


class ContractViolated(Failure):
    """A response does not keep its contract."""


class BreakingDrift(Failure):
    """The shape of an API changed in a way that can break a reader."""


class SlaBreached(Failure):
    """A measured service level is outside its threshold."""

    exit_code = ExitCode.SLA_BREACHED
