"""What a process of our own leaves out when it starts."""

from __future__ import annotations

import sys


def without_httpx_cli() -> None:
    """Keeps httpx from importing its own command line, with rich and pygments: 6 MB, and half of its time.

    None in `sys.modules` halts an import (docs.python.org/3/reference/import.html#the-module-cache), and httpx goes on
    without. Only for processes that are ours from the start: `httpx.main` is then the one that says what to install.
    """
    if "httpx" not in sys.modules:
        sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
