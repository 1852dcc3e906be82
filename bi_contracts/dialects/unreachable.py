"""Why there was no answer, read from what httpx raised and from what lies behind it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Literal

import httpx

Reason = Literal["timeout", "refused", "reset", "dns", "tls", "proxy", "other"]

HINTS: dict[Reason, str] = {
    "timeout": "try again later, or allow it more time",
    "refused": "nothing listens there: check the address and port",
    "reset": "the connection broke; try again, and look for a proxy that cuts long answers",
    "dns": "the name does not resolve: check its spelling and this machine's name server",
    "tls": "check the clock of this machine and who answers there",
    "proxy": "check HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
    "other": "try again later",
}
"""What to do next."""

_CERTIFICATES = {
    10: "its certificate has expired",
    9: "its certificate is not valid yet",
    18: "its certificate is self-signed",
    19: "its certificate comes from an authority that nobody here knows",
    20: "its certificate comes from an authority that nobody here knows",
    62: "its certificate is for another host",
    64: "its certificate is for another address",
}
"""X509_V_ERR codes of OpenSSL (x509_vfy.h) that people meet."""

_OWN_AUTHORITY = "where that is your company's proxy, name its authority in SSL_CERT_FILE"


def reason_of(error: BaseException) -> Reason:
    """Why a request got no answer: the first cause that says more than that it failed."""
    for one in _causes(error):
        found = _reason(one)
        if found is not None:
            return found
    return "other"


def hint_of(error: BaseException) -> str:
    """What is wrong, where more than the reason is known, and what to do next."""
    reason = reason_of(error)
    if reason != "tls":
        return HINTS[reason]
    code = next((one.verify_code for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), 0)
    if code not in _CERTIFICATES:
        return f"no encrypted connection could be made; {HINTS[reason]}"
    return f"{_CERTIFICATES[code]}; {_OWN_AUTHORITY if code in (18, 19, 20) else HINTS[reason]}"


def _reason(error: BaseException) -> Reason | None:
    match error:
        case httpx.TimeoutException() | TimeoutError():
            return "timeout"
        case httpx.ProxyError():
            return "proxy"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "reset"
        case ssl.SSLError():
            return "tls"
        case socket.gaierror():
            return "dns"
        case ConnectionRefusedError():
            return "refused"
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError() | EOFError():
            return "reset"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that lies behind it, outermost first; then what its own kind alone says."""
    queue, seen = [error], {id(error)}
    while queue:
        one = queue.pop(0)
        yield one
        context = None if one.__suppress_context__ else one.__context__
        # httpcore keeps what it caught among its arguments and cuts it off as a cause.
        behind = [one.__cause__ or context, *one.args, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]
        fresh = [each for each in behind if isinstance(each, BaseException) and id(each) not in seen]
        seen |= {id(each) for each in fresh}
        queue += fresh
    # httpx says so where the other side hung up between or within answers, and nothing else is known.
    if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.CloseError | httpx.RemoteProtocolError):
        yield ConnectionResetError()
