"""One TLS context for all clients: building one reads the certificate store, 22 to 30 ms each time."""

from __future__ import annotations

import ssl
from functools import lru_cache


@lru_cache(maxsize=1)
def shared_ssl_context() -> ssl.SSLContext:
    """The context httpx would build for itself, built once. Pass it as `verify=`; do not change it."""
    import httpx

    return httpx.create_ssl_context()
