"""A second account of a platform as a platform of its own: `hubspot@eu`, with its own credentials and address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace

from .auth import AuthScheme
from .errors import ConfigurationError
from .platform import Platform
from .workspace import Account


def account_platform(platform: Platform, account: Account) -> Platform:
    """The account as a platform: `hubspot@eu`, whose ids are `hubspot@eu/contacts`.

    Its variables are those of the platform with the label behind (`HUBSPOT_ACCESS_TOKEN_EU`), unless the account names
    others. Raises `ConfigurationError` for variables that the platform does not have, or that cannot be replaced.
    """
    given = dict(account.credentials)
    unknown = sorted(set(given) - set(platform.auth.variables))
    if unknown:
        known = ", ".join(platform.auth.variables)
        raise ConfigurationError(
            f"{account.where}: {platform.name} has no credential {', '.join(unknown)}: known are {known}"
        )
    names = {name: given.get(name, f"{name}_{_capitals(account.label)}") for name in platform.auth.variables}
    return replace(
        platform,
        name=account.name,
        title=f"{platform.title} ({account.label})",
        base_url=account.base_url or platform.base_url,
        auth=_renamed(platform.auth, names, account.where),
        tenant=platform.tenant and not account.base_url,
        aliases={},
    )


def address_variable(platform: Platform) -> str:
    """The environment variable that moves a platform elsewhere: `HUBSPOT_BASE_URL`, `HUBSPOT_EU_BASE_URL`."""
    return f"{_capitals(platform.name)}_BASE_URL"


def _capitals(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name).upper()


def _renamed(scheme: AuthScheme, names: Mapping[str, str], where: str) -> AuthScheme:
    """The scheme with other variables: each field that holds the name of one gets the new name."""
    found = scheme
    if is_dataclass(scheme) and not isinstance(scheme, type):
        held = {one.name: getattr(scheme, one.name) for one in fields(scheme)}
        found = replace(scheme, **{name: names[value] for name, value in held.items() if value in tuple(names)})
    if found.variables != tuple(names[name] for name in scheme.variables):
        raise ConfigurationError(f"{where}: a {type(scheme).__name__} cannot read its credential from other variables")
    return found
