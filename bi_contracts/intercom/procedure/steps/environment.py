"""Whether the procedure can run at all: interpreter, packages, folder, token."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib import metadata

from .... import __version__
from ....errors import ConfigurationError
from ..actions import trouble
from ..conclusion import bad, warning
from ..context import Context
from ..line import ENVIRONMENT, Line, Mark
from ..tree import size

LEAST_PYTHON = (3, 11)
LEAST_DISK = 2**30
"""Bytes that should be free."""

NEEDED = ("httpx", "mcp", "psutil", "sqlalchemy", "uvicorn")


async def run(context: Context) -> None:
    """Says what runs, and raises `CredentialsMissing` where no token is set."""
    context.say(_python())
    context.say(_packages())
    context.say(_folder(context))
    try:
        context.testbed.upstream("connection").credentials(context.testbed.platform)
    except ConfigurationError as error:
        found = trouble(error)
        context.say(bad(ENVIRONMENT, "API Workspace", found.text, found.problem, exit_code=found.exit_code))


def _python() -> Line:
    version = platform.python_version()
    if sys.version_info < LEAST_PYTHON:
        return bad(ENVIRONMENT, "Python Version", f"{version}, and 3.11 is the least", "environment")
    return Line(ENVIRONMENT, "Python Version", version, Mark.PLAIN)


def _packages() -> Line:
    """Our version; the versions of what it stands upon are in the figures' note."""
    missing = [name for name in NEEDED if not _version(name)]
    if missing:
        return bad(ENVIRONMENT, "Package Version", f"{__version__}, without {', '.join(missing)}", "environment")
    known = ", ".join(f"{name} {_version(name)}" for name in NEEDED)
    return Line(ENVIRONMENT, "Package Version", f"{__version__} ({known})", Mark.PLAIN)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _folder(context: Context) -> Line:
    folder = context.testbed.folder
    free = shutil.disk_usage(folder).free
    text = str(context.settings.folder)
    if free < LEAST_DISK:
        return warning(ENVIRONMENT, "Test Workspace", f"{text}: only {size(free)} free", "workspace")
    return Line(ENVIRONMENT, "Test Workspace", text, Mark.PLAIN, figures={"free_bytes": float(free)})
